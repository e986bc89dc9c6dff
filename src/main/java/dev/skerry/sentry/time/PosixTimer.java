package dev.skerry.sentry.time;

import dev.skerry.sentry.kernel.PidNamespace;
import dev.skerry.sentry.kernel.SigInfo;
import dev.skerry.sentry.kernel.Signals;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.kernel.ThreadGroup;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** A timer of timer_create(2). */
public final class PosixTimer extends IntervalTimer {
  /**
   * What an expiration does (struct sigevent).
   *
   * @param signal 0 for nothing
   * @param thread who gets the signal; null for the process
   * @param value what the signal carries; with {@code valueIsId} the timer's id instead
   */
  public record Notice(int signal, @Nullable Task thread, long value, boolean valueIsId) {}

  private static final int MOST_OVERRUN = Integer.MAX_VALUE;

  private final ThreadGroup group;
  private final int id;
  private final int clockId;
  private final Notice notice;

  /** Of the signal that was sent last, and of the one before, which was taken. */
  private long overrun;

  private long takenOverrun;

  PosixTimer(ThreadGroup group, int id, int clockId, @Nullable LongSupplier clock, Notice notice) {
    super(group.kernel().timeouts(), clock);
    this.group = group;
    this.id = id;
    this.clockId = clockId;
    this.notice = notice;
  }

  public int id() {
    return id;
  }

  /** The clock that the timer was made with. */
  public int clockId() {
    return clockId;
  }

  /** How often the timer expired again before its last signal was taken (timer_getoverrun(2)). */
  public synchronized int overrun() {
    boolean waits =
        notice.signal() != 0 && Signals.isTimerPending(group, notice.thread(), notice.signal(), id);
    return (int) Math.min(waits ? takenOverrun : overrun, MOST_OVERRUN);
  }

  /** Adds what /proc/PID/timers shows of it, to a reader of that namespace. */
  void describe(StringBuilder out, PidNamespace reader) {
    Task thread = notice.thread();
    String value = Long.toHexString(notice.valueIsId() ? id : notice.value());
    out.append("ID: ").append(id);
    out.append("\nsignal: ").append(notice.signal()).append('/');
    out.append("0".repeat(16 - value.length())).append(value);
    out.append("\nnotify: ").append(notice.signal() == 0 ? "none" : "signal");
    out.append(thread == null ? "/pid." : "/tid.");
    out.append(thread == null ? reader.number(group) : reader.number(thread));
    out.append("\nClockID: ").append(clockId).append('\n');
  }

  @Override
  protected void expired(long times) {
    if (notice.signal() == 0) {
      return;
    }
    int more = (int) Math.min(times - 1, MOST_OVERRUN);
    long value = notice.valueIsId() ? id : notice.value();
    SigInfo info = SigInfo.timer(notice.signal(), id, more, value);
    boolean merged = Signals.sendTimer(group, notice.thread(), info);
    if (merged) {
      overrun += times;
    } else {
      takenOverrun = overrun;
      overrun = more;
    }
  }
}
