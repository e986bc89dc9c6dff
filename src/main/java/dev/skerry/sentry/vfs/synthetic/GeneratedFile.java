package dev.skerry.sentry.vfs.synthetic;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.usermem.UserMemory;
import dev.skerry.sentry.vfs.Changes;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.OpenFlags;
import dev.skerry.sentry.vfs.VfsPath;
import dev.skerry.sentry.waiter.Events;
import org.jspecify.annotations.Nullable;

/** A file whose text is made when it is read. */
public abstract class GeneratedFile extends GeneratedInode {
  private static final int ANY_WRITE = 0222;

  protected GeneratedFile(GeneratedFileSystem fileSystem, long number, int permissions) {
    super(fileSystem, number, S_IFREG | permissions);
  }

  /** The whole content as it is now, one Latin-1 character a byte. */
  protected abstract String text() throws ErrnoException;

  /**
   * Takes what a guest wrote in one call; EIO unless the file can be written.
   *
   * @param text one Latin-1 character a byte
   */
  protected void accept(String text) throws ErrnoException {
    throw ErrnoException.of(Errno.EIO);
  }

  /** Whether splice(2) and sendfile(2) take it, for reading at least. */
  protected boolean hasSplice() {
    return true;
  }

  /** Who opens the file now, for a file that will ask; null otherwise. */
  protected @Nullable Credentials opener() {
    return null;
  }

  /** As {@link #accept(String)}, for a file that asks who opened it. */
  protected void accept(String text, @Nullable Credentials opener) throws ErrnoException {
    accept(text);
  }

  /** What the file answers to ioctl(2): -ENOTTY unless it knows the request. */
  protected long ioctl(UserMemory memory, int request, long argument) throws ErrnoException {
    return -Errno.ENOTTY;
  }

  /** What whoever polls the open file is told of; null if it cannot be waited for. */
  protected @Nullable Changes changes() {
    return null;
  }

  /** What poll(2) tells while nothing has changed. */
  protected int ready() {
    return Events.READABLE | Events.WRITABLE;
  }

  /** Whether whoever is being served may open the file; its permission bits were checked. */
  protected void checkOpen() throws ErrnoException {}

  /** Whether root may open it for writing; kernfs lets nobody where there is nothing to write. */
  protected boolean opensForWriting() {
    return canBeWritten();
  }

  final boolean canBeWritten() {
    return (permissions() & ANY_WRITE) != 0;
  }

  @Override
  public OpenFileDescription open(VfsPath path, int flags) throws ErrnoException {
    boolean writes = (flags & OpenFlags.O_ACCMODE) != OpenFlags.O_RDONLY;
    if (writes && !opensForWriting()) {
      throw ErrnoException.of(Errno.EACCES);
    }
    checkOpen();
    return new GeneratedOpenFile(this, path, flags);
  }
}
