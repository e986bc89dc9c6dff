package dev.skerry.sentry.fs.eventfd;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.usermem.IoBuffer;
import dev.skerry.sentry.vfs.AnonymousInodes;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.Stat;
import dev.skerry.sentry.waiter.Events;
import dev.skerry.sentry.waiter.WaitQueue;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** A counter (eventfd(2)). Its monitor guards the count. */
public final class EventFile extends OpenFileDescription {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  /** The highest count that writes can reach, an unsigned number; one more is an overflow. */
  private static final long MOST = -2;

  private static final long OVERFLOW = -1;

  private final WaitQueue queue = new WaitQueue();
  private final boolean semaphore;
  private long count;

  /**
   * @param initial an unsigned number
   * @param semaphore whether reads take one, not all (EFD_SEMAPHORE)
   */
  public EventFile(int flags, long initial, boolean semaphore) {
    super(flags);
    this.count = initial;
    this.semaphore = semaphore;
  }

  @Override
  protected void release() {}

  @Override
  public String displayName() {
    return "anon_inode:[eventfd]";
  }

  @Override
  public synchronized String details() {
    String digits = Long.toHexString(count);
    return "eventfd-count: "
        + " ".repeat(16 - digits.length())
        + digits
        + "\neventfd-semaphore: "
        + (semaphore ? 1 : 0)
        + "\n";
  }

  @Override
  public Stat stat() {
    return AnonymousInodes.shared();
  }

  /** There is no position, and yet no error (noop_llseek). */
  @Override
  public long seek(long offset, int whence) {
    return 0;
  }

  @Override
  public synchronized long read(IoBuffer target) {
    if (target.remaining() < Long.BYTES) {
      return -Errno.EINVAL;
    }
    if (count == 0) {
      return -Errno.EAGAIN;
    }
    long taken = semaphore ? 1 : count;
    count -= taken;
    queue.wake(Events.WRITABLE);
    byte[] bytes = new byte[Long.BYTES];
    LONG.set(bytes, 0, taken);
    return target.put(bytes, 0, bytes.length) == bytes.length ? bytes.length : -Errno.EFAULT;
  }

  @Override
  public synchronized long write(IoBuffer source) {
    if (source.remaining() != Long.BYTES) {
      return -Errno.EINVAL;
    }
    byte[] bytes = new byte[Long.BYTES];
    if (source.get(bytes, 0, bytes.length) != bytes.length) {
      return -Errno.EFAULT;
    }
    long added = (long) LONG.get(bytes, 0);
    if (added == OVERFLOW) {
      return -Errno.EINVAL;
    }
    if (Long.compareUnsigned(OVERFLOW - count, added) <= 0) {
      source.rewind(bytes.length);
      return -Errno.EAGAIN;
    }
    count += added;
    queue.wake(Events.READABLE);
    return bytes.length;
  }

  /** Adds one for the kernel, which cannot wait: the count may overflow (eventfd_signal). */
  public synchronized void signal() {
    if (count != OVERFLOW) {
      count++;
    }
    queue.wake(Events.READABLE);
  }

  @Override
  public synchronized int poll() {
    int ready = count != 0 ? Events.READABLE : 0;
    if (count == OVERFLOW) {
      ready |= Events.ERR;
    }
    return Long.compareUnsigned(count, MOST) < 0 ? ready | Events.WRITABLE : ready;
  }

  @Override
  public WaitQueue waitQueue() {
    return queue;
  }
}
