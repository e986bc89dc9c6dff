package dev.skerry.sentry.fs.gofer;

import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.vfs.RegularFile;
import dev.skerry.sentry.vfs.VfsPath;

/** An open regular file of the gofer's: everything goes through the donated descriptor. */
final class GoferFile extends RegularFile {
  private final GoferInode inode;
  private final DonatedFile file;

  /**
   * @param file a reference of the description's own
   */
  GoferFile(VfsPath path, int flags, GoferInode inode, DonatedFile file) {
    super(path, flags);
    this.inode = inode;
    this.file = file;
  }

  @Override
  protected int hostFd(boolean forWriting) {
    return file.fd();
  }

  @Override
  protected long size() {
    try {
      return inode.stat().size();
    } catch (ErrnoException e) {
      return e.result();
    }
  }

  @Override
  protected Object inodeLock() {
    return inode;
  }

  /** The host sets the times, and drops the set-ID bits. */
  @Override
  protected void written(long offset, long end) {
    inode.changed();
  }

  /** The host sets the time, as its own mount options say. */
  @Override
  protected void accessed() {}

  @Override
  public int mappableHostFd(boolean writable) {
    int fd = super.mappableHostFd(writable);
    if (writable && fd >= 0) {
      inode.mapped();
    }
    return fd;
  }

  @Override
  protected void release() {
    inode.closed(file);
  }
}
