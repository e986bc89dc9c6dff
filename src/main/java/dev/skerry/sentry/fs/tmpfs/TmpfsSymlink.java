package dev.skerry.sentry.fs.tmpfs;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.vfs.MemoryAccount;
import dev.skerry.sentry.vfs.Owner;

/** A symbolic link; its target is a record on the heap. */
final class TmpfsSymlink extends TmpfsInode {
  private static final int MODE = S_IFLNK | 0777;

  private final String target;

  private TmpfsSymlink(TmpfsFileSystem fileSystem, String target, Owner owner)
      throws ErrnoException {
    super(fileSystem, MODE, owner);
    this.target = target;
  }

  static TmpfsSymlink create(TmpfsFileSystem fileSystem, String target, Owner owner)
      throws ErrnoException {
    if (!MemoryAccount.RECORDS.takeAll(target.length())) {
      throw ErrnoException.of(Errno.ENOSPC);
    }
    try {
      return new TmpfsSymlink(fileSystem, target, owner);
    } catch (ErrnoException e) {
      MemoryAccount.RECORDS.give(target.length());
      throw e;
    }
  }

  @Override
  long size() {
    return target.length();
  }

  @Override
  void free() {
    MemoryAccount.RECORDS.give(target.length());
  }

  @Override
  public String readlink() {
    touchAccessed();
    return target;
  }
}
