package dev.skerry.sentry.time;

import dev.skerry.sentry.kernel.Timeouts;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A timer that expires once or again and again, on a clock that never runs faster than all
 * processors together. All times are nanoseconds. Its monitor guards all.
 */
public abstract class IntervalTimer {
  /** Expirations that follow each other faster are counted together. */
  private static final long SHORTEST = 50_000;

  /** How long to wait at least before looking at a clock again that does not run evenly. */
  private static final long SHORTEST_LOOK = 1_000_000;

  /**
   * How a timer stands.
   *
   * @param left to the next expiration; 0 if it is disarmed
   * @param interval between expirations; 0 for only one
   */
  public record Setting(long left, long interval) {
    public static final Setting NONE = new Setting(0, 0);
  }

  private final Timeouts timeouts;
  private final @Nullable LongSupplier clock;
  private Timeouts.@Nullable Handle handle;
  private long next;
  private long interval;

  /**
   * @param clock null for the time of {@link System#nanoTime}
   */
  protected IntervalTimer(Timeouts timeouts, @Nullable LongSupplier clock) {
    this.timeouts = timeouts;
    this.clock = clock;
  }

  /**
   * The timer expired. Called with its monitor held.
   *
   * @param times how often since the last call
   */
  protected abstract void expired(long times);

  /** The time on the timer's clock. */
  public final long now() {
    return clock == null ? System.nanoTime() : clock.getAsLong();
  }

  /**
   * Arms the timer.
   *
   * @param deadline on the timer's clock
   * @return how it stood before
   */
  public final synchronized Setting arm(long deadline, long newInterval) {
    Setting before = get();
    cancel();
    next = deadline;
    interval = newInterval;
    schedule(now());
    return before;
  }

  /** Disarms the timer, and tells how it stood before. */
  public final Setting disarm() {
    return disarm(0);
  }

  /** As {@link #disarm()}, with the interval that {@link #get} tells from now on. */
  public final synchronized Setting disarm(long newInterval) {
    Setting before = get();
    cancel();
    interval = newInterval;
    return before;
  }

  public final synchronized Setting get() {
    return handle == null
        ? new Setting(0, interval)
        : new Setting(Math.max(1, next - now()), interval);
  }

  private void cancel() {
    if (handle != null) {
      handle.cancel();
      handle = null;
    }
  }

  private void schedule(long now) {
    if (clock == null) {
      handle = timeouts.schedule(next, this::expire);
    } else {
      long look =
          Math.max(SHORTEST_LOOK, (next - now) / Runtime.getRuntime().availableProcessors());
      handle = timeouts.schedule(System.nanoTime() + look, this::expire);
    }
  }

  private synchronized void expire() {
    if (handle == null) {
      return;
    }
    long now = now();
    if (now < next) {
      cancel();
      schedule(now);
      return;
    }
    handle = null;
    long times = 1;
    if (interval > 0) {
      times += (now - next) / interval;
      next += times * interval;
      if (clock == null) {
        handle = timeouts.schedule(Math.max(next, now + SHORTEST), this::expire);
      } else {
        schedule(now);
      }
    }
    expired(times);
  }
}
