package dev.skerry.sentry.fs.stdio;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.usermem.IoBuffer;
import dev.skerry.sentry.usermem.UserMemory;
import dev.skerry.sentry.vfs.OpenFlags;
import dev.skerry.sentry.waiter.Events;
import java.util.Arrays;
import java.util.function.IntConsumer;

/** Standard input. Its monitor guards all. */
public final class InputFile extends StreamFile {
  /** How many bytes the outside may send before the guest has consumed some. */
  public static final int CREDIT = 256 << 10;

  private static final int FIRST_SIZE = 4096;

  private final IntConsumer consumed;

  /** A ring, which grows with use. */
  private byte[] data = new byte[FIRST_SIZE];

  private int start;
  private int length;
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
   * Brings bytes from outside. Whoever calls drains the kernel's run queue afterwards. When the guest
   * has closed the stream they vanish, and count as consumed.
   *
   * @return false if they are more than the credit allows: none were taken
   */
  public boolean offer(byte[] source, int offset, int count) {
    boolean vanish;
    synchronized (this) {
      vanish = released;
      if (!vanish) {
        if (count > CREDIT - length) {
          return false;
        }
        append(source, offset, count);
        queue.wake(Events.READABLE);
      }
    }
    if (vanish) {
      consumed.accept(count);
    }
    return true;
  }

  private void append(byte[] source, int offset, int count) {
    if (length + count > data.length) {
      int size = data.length;
      while (size < length + count) {
        size *= 2;
      }
      byte[] grown = new byte[size];
      int first = Math.min(length, data.length - start);
      System.arraycopy(data, start, grown, 0, first);
      System.arraycopy(data, 0, grown, first, length - first);
      data = grown;
      start = 0;
    }
    int end = (start + length) % data.length;
    int first = Math.min(count, data.length - end);
    System.arraycopy(source, offset, data, end, first);
    System.arraycopy(source, offset + first, data, 0, count - first);
    length += count;
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
      vanished = length;
      length = 0;
      data = Arrays.copyOf(data, 0);
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
      if (length == 0) {
        return ended ? 0 : -Errno.EAGAIN;
      }
      total = take(target);
    }
    if (total > 0) {
      consumed.accept((int) total);
    }
    return total;
  }

  private long take(IoBuffer target) {
    long total = 0;
    while (length > 0 && target.remaining() > 0) {
      int run = Math.min(length, data.length - start);
      int wanted = (int) Math.min(run, target.remaining());
      long moved = target.put(data, start, wanted);
      if (moved < 0) {
        return total > 0 ? total : moved;
      }
      start = (start + (int) moved) % data.length;
      length -= (int) moved;
      total += moved;
      if (moved < wanted) {
        break;
      }
    }
    return total;
  }

  @Override
  public synchronized int poll() {
    int ready = length > 0 ? Events.READABLE : 0;
    return ended ? ready | Events.HUP : ready;
  }

  @Override
  public synchronized long ioctl(UserMemory memory, int request, long argument) {
    return request == FIONREAD ? memory.storeInt(argument, length) : -Errno.ENOTTY;
  }
}
