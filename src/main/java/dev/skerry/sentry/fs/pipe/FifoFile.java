package dev.skerry.sentry.fs.pipe;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.vfs.OpenFlags;
import dev.skerry.sentry.vfs.Stat;
import dev.skerry.sentry.vfs.VfsPath;

/** An open end of a FIFO (fifo(7)). The FIFO's inode keeps the {@link Pipe} while it is in use. */
public final class FifoFile extends PipeFile {
  /** Tells the attributes of the FIFO's inode. */
  @FunctionalInterface
  public interface Attributes {
    Stat stat() throws ErrnoException;
  }

  private final VfsPath path;
  private final String name;
  private final Attributes attributes;

  private FifoFile(Pipe pipe, int flags, VfsPath path, String name, Attributes attributes) {
    super(pipe, flags);
    this.path = path;
    this.name = name;
    this.attributes = attributes;
  }

  /**
   * Opens an end, which need not have a peer yet: see {@link #awaitsPeer}.
   *
   * @param pipe the inode's
   * @param name what /proc/PID/fd shows
   * @throws ErrnoException ENXIO: to write without O_NONBLOCK while nobody reads
   */
  public static FifoFile open(
      Pipe pipe, int flags, VfsPath path, String name, Attributes attributes)
      throws ErrnoException {
    boolean writeOnly = (flags & OpenFlags.O_ACCMODE) == OpenFlags.O_WRONLY;
    if (writeOnly && (flags & OpenFlags.O_NONBLOCK) != 0 && !pipe.hasReaders()) {
      throw ErrnoException.of(Errno.ENXIO);
    }
    return new FifoFile(pipe, flags, path, name, attributes);
  }

  /**
   * Whether open(2) still has to wait for the other end, to be told on {@link #waitQueue}. It ends
   * also when a peer has come and is gone again.
   */
  public boolean awaitsPeer() {
    if (isNonBlocking() || (isReadable() && isWritable())) {
      return false;
    }
    if (isReadable()) {
      return !pipe().hasWriters() && pipe().writerGeneration() == writersSeen();
    }
    return !pipe().hasReaders() && pipe().readerGeneration() == readersSeen();
  }

  @Override
  public VfsPath path() {
    return path;
  }

  @Override
  public String displayName() {
    return name;
  }

  @Override
  public Stat stat() throws ErrnoException {
    return attributes.stat();
  }
}
