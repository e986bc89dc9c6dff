package dev.skerry.sentry.fs.stdio;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.usermem.IoBuffer;
import dev.skerry.sentry.usermem.OutputSink;
import dev.skerry.sentry.usermem.UserMemory;
import dev.skerry.sentry.vfs.OpenFlags;
import dev.skerry.sentry.waiter.Events;

/** Standard output or standard error. */
public final class OutputFile extends StreamFile {
  private static final int CHUNK = 65536;

  private final OutputSink sink;

  /** Grows with use; guarded by the monitor. */
  private byte[] chunk = new byte[0];

  /**
   * @param time of the making, in nanoseconds since the epoch; the ids are the owner's
   */
  public OutputFile(OutputSink sink, int uid, int gid, long time) {
    super(OpenFlags.O_WRONLY, uid, gid, time);
    this.sink = sink;
  }

  /** The sink takes bytes again. Whoever calls drains the kernel's run queue afterwards. */
  public void ready() {
    queue.wake(Events.WRITABLE);
  }

  @Override
  protected void release() {}

  @Override
  public synchronized long write(IoBuffer source) {
    long total = 0;
    while (source.remaining() > 0) {
      if (!sink.isReady()) {
        return total > 0 ? total : -Errno.EAGAIN;
      }
      int wanted = (int) Math.min(source.remaining(), CHUNK);
      if (chunk.length < wanted) {
        chunk = new byte[Math.max(wanted, Math.min(CHUNK, 2 * chunk.length))];
      }
      long copied = source.get(chunk, 0, wanted);
      long written = copied <= 0 ? copied : sink.write(chunk, 0, (int) copied);
      if (written < 0) {
        return total > 0 ? total : written;
      }
      total += written;
      if (copied < wanted) {
        break;
      }
    }
    return total;
  }

  @Override
  public int poll() {
    return sink.isReady() ? Events.WRITABLE : 0;
  }

  @Override
  public long ioctl(UserMemory memory, int request, long argument) {
    return request == FIONREAD ? memory.storeInt(argument, 0) : -Errno.ENOTTY;
  }
}
