package dev.skerry.sentry.fs.stdio;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.usermem.ByteQueue;
import dev.skerry.sentry.usermem.IoBuffer;
import dev.skerry.sentry.usermem.UserMemory;
import dev.skerry.sentry.vfs.OpenFlags;
import dev.skerry.sentry.waiter.Events;
import java.util.function.IntConsumer;

/** Standard input. Its monitor guards all. */
public final class InputFile extends StreamFile {
  /** How many bytes the outside may send before the guest has consumed some. */
  public static final int CREDIT = 256 << 10;

  private final IntConsumer consumed;

  private final ByteQueue data = new ByteQueue(CREDIT);
  private boolean ended;
  private boolean released;

  /**
   * @param consumed told how many bytes the guest has read, so that the outside may send as many
   *     more; called without locks
   * @param time of the making, in nanoseconds since the epoch; the ids are the owner's
   */
  public InputFile(IntConsumer consumed, int uid, int gid, long time) {
    super(OpenFlags.O_RDONLY, uid, gid, time);
    this.consumed = consumed;
  }

  /**
   * Brings bytes from outside. Whoever calls drains the kernel's run queue afterwards. When the
   * guest has closed the stream they vanish, and count as consumed.
   *
   * @return false if they are more than the credit allows: none were taken
   */
  public boolean offer(byte[] source, int offset, int count) {
    boolean vanish;
    synchronized (this) {
      vanish = released;
      if (!vanish) {
        if (count > data.room()) {
          return false;
        }
        data.add(source, offset, count);
        queue.wake(Events.READABLE);
      }
    }
    if (vanish) {
      consumed.accept(count);
    }
    return true;
  }

  /** There will be no more: the guest reads the end after what is there. */
  public synchronized void end() {
    ended = true;
    queue.wake(Events.READABLE | Events.HUP);
  }

  @Override
  protected void release() {
    int vanished;
    synchronized (this) {
      released = true;
      vanished = data.size();
      data.clear();
    }
    if (vanished > 0) {
      consumed.accept(vanished);
    }
  }

  @Override
  public long read(IoBuffer target) {
    long total;
    synchronized (this) {
      if (target.remaining() == 0) {
        return 0;
      }
      if (data.size() == 0) {
        return ended ? 0 : -Errno.EAGAIN;
      }
      total = data.readTo(target);
    }
    if (total > 0) {
      consumed.accept((int) total);
    }
    return total;
  }

  @Override
  public synchronized int poll() {
    int ready = data.size() > 0 ? Events.READABLE : 0;
    return ended ? ready | Events.HUP : ready;
  }

  @Override
  public synchronized long ioctl(UserMemory memory, int request, long argument) {
    return request == FIONREAD ? memory.storeInt(argument, data.size()) : -Errno.ENOTTY;
  }
}
