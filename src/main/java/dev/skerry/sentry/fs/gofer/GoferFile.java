package dev.skerry.sentry.fs.gofer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.vfs.RegularFile;
import dev.skerry.sentry.vfs.VfsPath;
import org.jspecify.annotations.Nullable;

/** An open regular file of the gofer's: everything goes through the donated descriptor. */
final class GoferFile extends RegularFile {
  private final GoferInode inode;
  private final DonatedFile file;

  @GuardedBy("inode")
  private @Nullable DonatedFile toReadOnly;

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

  /** The host sets the times. */
  @Override
  protected void written(long offset, long end) {
    inode.written(isPrivileged());
  }

  /** The host sets the time, as its own mount options say. */
  @Override
  protected void accessed() {}

  /**
   * What is mapped without a right to write must not come from a descriptor that has it, as this
   * description's may, which it shares with others: mprotect(2) would give it the right.
   */
  @Override
  public int mappableHostFd(boolean writable) {
    if (writable) {
      inode.mapped();
      return file.fd();
    }
    if (!file.isWritable()) {
      return file.fd();
    }
    synchronized (inode) {
      try {
        if (toReadOnly == null) {
          toReadOnly = inode.openToReadOnly();
        }
        return toReadOnly.fd();
      } catch (ErrnoException e) {
        return (int) e.result();
      }
    }
  }

  @Override
  protected void release() {
    synchronized (inode) {
      if (toReadOnly != null) {
        inode.giveUp(toReadOnly);
        toReadOnly = null;
      }
    }
    inode.closed(file);
  }
}
