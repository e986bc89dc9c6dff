package dev.skerry.sentry.fs.tmpfs;

import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.vfs.Owner;

/** A FIFO, a socket's name or a device node. */
final class TmpfsSpecial extends TmpfsInode {
  private final long rdev;

  /**
   * @param mode with the type bits
   */
  TmpfsSpecial(TmpfsFileSystem fileSystem, int mode, long rdev, Owner owner) throws ErrnoException {
    super(fileSystem, mode, owner);
    this.rdev = rdev;
  }

  @Override
  long size() {
    return 0;
  }

  @Override
  long rdev() {
    return rdev;
  }
}
