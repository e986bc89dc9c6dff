package dev.skerry.sentry.fs.tmpfs;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.vfs.MemoryAccount;
import dev.skerry.sentry.vfs.Owner;

/**
 * A symbolic link; its target is a record on the heap. A long one counts as a page of the file
 * system, too. Linux: shmem_symlink().
 */
final class TmpfsSymlink extends TmpfsInode {
  private static final int MODE = S_IFLNK | 0777;

  /** Shorter targets lie in the inode (SHORT_SYMLINK_LEN, which has room for the zero byte). */
  private static final int LONG = 128;

  private final String target;

  private TmpfsSymlink(TmpfsFileSystem fileSystem, String target, Owner owner)
      throws ErrnoException {
    super(fileSystem, MODE, owner);
    this.target = target;
  }

  static TmpfsSymlink create(TmpfsFileSystem fileSystem, String target, Owner owner)
      throws ErrnoException {
    MemoryAccount pages = fileSystem.pages();
    if (!pages.takeAll(pagesOf(target))) {
      throw ErrnoException.of(Errno.ENOSPC);
    }
    if (!MemoryAccount.RECORDS.takeAll(target.length())) {
      pages.give(pagesOf(target));
      throw ErrnoException.of(Errno.ENOSPC);
    }
    try {
      return new TmpfsSymlink(fileSystem, target, owner);
    } catch (ErrnoException e) {
      giveBack(fileSystem, target);
      throw e;
    }
  }

  private static void giveBack(TmpfsFileSystem fileSystem, String target) {
    fileSystem.pages().give(pagesOf(target));
    MemoryAccount.RECORDS.give(target.length());
  }

  private static long pagesOf(String target) {
    return target.length() < LONG ? 0 : 1;
  }

  @Override
  long pages() {
    return pagesOf(target);
  }

  @Override
  long size() {
    return target.length();
  }

  @Override
  void free() {
    giveBack(tmpfs(), target);
  }

  @Override
  public String readlink() {
    touchAccessed();
    return target;
  }
}
