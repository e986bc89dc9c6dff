package dev.skerry.sentry.fs.timerfd;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.kernel.Timeouts;
import dev.skerry.sentry.time.IntervalTimer;
import dev.skerry.sentry.usermem.IoBuffer;
import dev.skerry.sentry.vfs.AnonymousInodes;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.Stat;
import dev.skerry.sentry.waiter.Events;
import dev.skerry.sentry.waiter.WaitQueue;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** A timer that tells of its expirations by being readable. */
public final class TimerFile extends OpenFileDescription {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final long NANOS = 1_000_000_000;

  private final int clock;
  private final Counter timer;
  private final WaitQueue queue = new WaitQueue();

  /**
   * @param clock the id of the clock that the timer was made with
   */
  public TimerFile(Timeouts timeouts, int flags, int clock) {
    super(flags);
    this.timer = new Counter(timeouts);
    this.clock = clock;
  }

  public int clock() {
    return clock;
  }

  /**
   * Arms the timer and forgets expirations that were not read.
   *
   * @param deadline in the time of {@link System#nanoTime}
   * @param interval nanoseconds; 0 for one expiration only
   * @return how it stood before
   */
  public IntervalTimer.Setting arm(long deadline, long interval) {
    synchronized (timer) {
      timer.expirations = 0;
      return timer.arm(deadline, interval);
    }
  }

  /** Disarms the timer, else as {@link #arm}. */
  public IntervalTimer.Setting disarm(long interval) {
    synchronized (timer) {
      timer.expirations = 0;
      return timer.disarm(interval);
    }
  }

  public IntervalTimer.Setting get() {
    return timer.get();
  }

  @Override
  protected void release() {
    timer.disarm();
  }

  @Override
  public String displayName() {
    return "anon_inode:[timerfd]";
  }

  @Override
  public String details() {
    IntervalTimer.Setting setting = timer.get();
    long ticks;
    synchronized (timer) {
      ticks = timer.expirations;
    }
    return "clockid: "
        + clock
        + "\nticks: "
        + ticks
        + "\nit_value: "
        + pair(setting.left())
        + "\nit_interval: "
        + pair(setting.interval())
        + "\n";
  }

  private static String pair(long nanos) {
    return "(" + nanos / NANOS + ", " + nanos % NANOS + ")";
  }

  @Override
  public Stat stat() {
    return AnonymousInodes.shared();
  }

  @Override
  public long read(IoBuffer target) {
    if (target.remaining() < Long.BYTES) {
      return -Errno.EINVAL;
    }
    byte[] bytes = new byte[Long.BYTES];
    synchronized (timer) {
      if (timer.expirations == 0) {
        return -Errno.EAGAIN;
      }
      LONG.set(bytes, 0, timer.expirations);
      timer.expirations = 0;
    }
    return target.put(bytes, 0, bytes.length) == bytes.length ? bytes.length : -Errno.EFAULT;
  }

  /** There is no position, and yet no error (noop_llseek). */
  @Override
  public long seek(long offset, int whence) {
    return 0;
  }

  @Override
  public int poll() {
    synchronized (timer) {
      return timer.expirations > 0 ? Events.READABLE : 0;
    }
  }

  @Override
  public WaitQueue waitQueue() {
    return queue;
  }

  private final class Counter extends IntervalTimer {
    /** Guarded by the timer's monitor. */
    private long expirations;

    Counter(Timeouts timeouts) {
      super(timeouts, null);
    }

    @Override
    protected void expired(long times) {
      expirations += times;
      queue.wake(Events.READABLE);
    }
  }
}
