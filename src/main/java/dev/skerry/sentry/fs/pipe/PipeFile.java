package dev.skerry.sentry.fs.pipe;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.slab.Slab;
import dev.skerry.sentry.usermem.IoBuffer;
import dev.skerry.sentry.usermem.UserMemory;
import dev.skerry.sentry.vfs.AnonymousInode;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.OpenFlags;
import dev.skerry.sentry.vfs.Stat;
import dev.skerry.sentry.waiter.WaitQueue;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** An open end of a pipe, or of a FIFO, which {@link FifoFile} adds a place in the tree to. */
public class PipeFile extends OpenFileDescription {
  private static final int FIONREAD = 0x541b;

  private final Pipe pipe;

  /** What the ends of a pipe share; a FIFO has its place in the tree instead. */
  private final @Nullable AnonymousInode inode;

  /** Writers that had come before, and gone or not, when this end was opened. */
  private final int writersSeen;

  private final int readersSeen;

  PipeFile(Pipe pipe, int flags, boolean writing, AnonymousInode inode) {
    super(flags | (writing ? OpenFlags.O_WRONLY : OpenFlags.O_RDONLY), Slab.PIPE);
    this.pipe = pipe;
    this.inode = inode;
    // A pipe without writers has always hung up: its writer came first.
    this.writersSeen = -1;
    this.readersSeen = -1;
    pipe.opened(isReadable(), isWritable());
  }

  /** An end of a FIFO, whose attributes come from its inode. */
  PipeFile(Pipe pipe, int flags) {
    super(flags, Slab.PIPE);
    this.pipe = pipe;
    this.inode = null;
    this.writersSeen = pipe.hasWriters() ? -1 : pipe.writerGeneration();
    this.readersSeen = pipe.hasReaders() ? -1 : pipe.readerGeneration();
    pipe.opened(isReadable(), isWritable());
  }

  /** What both ends share. */
  public final Pipe pipe() {
    return pipe;
  }

  final int writersSeen() {
    return writersSeen;
  }

  final int readersSeen() {
    return readersSeen;
  }

  @Override
  protected void release() {
    pipe.closed(isReadable(), isWritable());
  }

  /** Another end of the pipe; that it may have no peer is no reason to wait, unlike for a FIFO. */
  @Override
  public OpenFileDescription reopen(int flags) throws ErrnoException {
    return new PipeFile(pipe, flags, false, ownInode());
  }

  @Override
  public String displayName() {
    return "pipe:[" + ownInode().number() + "]";
  }

  @Override
  public Stat stat() throws ErrnoException {
    return ownInode().stat();
  }

  private AnonymousInode ownInode() {
    return Objects.requireNonNull(inode);
  }

  @Override
  protected @Nullable AnonymousInode anonymousInode() {
    return inode;
  }

  @Override
  public long read(IoBuffer target) {
    return pipe.read(target);
  }

  @Override
  public long write(IoBuffer source) {
    return pipe.write(source, (flags() & OpenFlags.O_DIRECT) != 0);
  }

  @Override
  public int poll() {
    return pipe.poll(isReadable(), isWritable(), writersSeen);
  }

  @Override
  public boolean hasSpliceRead() {
    return true;
  }

  @Override
  public boolean hasSpliceWrite() {
    return true;
  }

  @Override
  public boolean hasIoSignals() {
    return true;
  }

  @Override
  public WaitQueue waitQueue() {
    return pipe.queue();
  }

  @Override
  public long ioctl(UserMemory memory, int request, long argument) {
    if (request == FIONREAD) {
      return memory.storeInt(argument, pipe.available());
    }
    return -Errno.ENOTTY;
  }
}
