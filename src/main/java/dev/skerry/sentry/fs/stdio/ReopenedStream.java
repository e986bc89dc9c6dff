package dev.skerry.sentry.fs.stdio;

import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.usermem.IoBuffer;
import dev.skerry.sentry.usermem.UserMemory;
import dev.skerry.sentry.vfs.AnonymousInode;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.Stat;
import dev.skerry.sentry.waiter.WaitQueue;
import org.jspecify.annotations.Nullable;

/** A stream that was opened once more, by way of /proc/PID/fd: with flags of its own. */
final class ReopenedStream extends OpenFileDescription {
  private final StreamFile stream;

  /**
   * @param stream a reference, which becomes this description's
   */
  ReopenedStream(StreamFile stream, int flags) {
    super(flags);
    this.stream = stream;
  }

  @Override
  protected void release() {
    stream.drop();
  }

  @Override
  public OpenFileDescription reopen(int flags) throws ErrnoException {
    return stream.reopen(flags);
  }

  @Override
  public long read(IoBuffer target) {
    return stream.read(target);
  }

  @Override
  public long write(IoBuffer source) {
    return stream.write(source);
  }

  @Override
  public int poll() {
    return stream.poll();
  }

  @Override
  public WaitQueue waitQueue() {
    return stream.waitQueue();
  }

  @Override
  public long ioctl(UserMemory memory, int request, long argument) {
    return stream.ioctl(memory, request, argument);
  }

  @Override
  public boolean hasSpliceRead() {
    return stream.hasSpliceRead();
  }

  @Override
  public boolean hasSpliceWrite() {
    return stream.hasSpliceWrite();
  }

  @Override
  public String displayName() {
    return stream.displayName();
  }

  @Override
  public Stat stat() {
    return stream.stat();
  }

  @Override
  protected @Nullable AnonymousInode anonymousInode() {
    return stream.anonymousInode();
  }
}
