package dev.skerry.sentry.time;

import dev.skerry.abi.Signal;
import dev.skerry.sentry.kernel.PidNamespace;
import dev.skerry.sentry.kernel.ProcessTimers;
import dev.skerry.sentry.kernel.Rlimits;
import dev.skerry.sentry.kernel.SigInfo;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.kernel.ThreadGroup;
import dev.skerry.sentry.slab.Slab;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The timers of one process. Its monitor guards the table. */
public final class TimerSet implements ProcessTimers {
  private static final int[] SIGNALS = {Signal.SIGALRM, Signal.SIGVTALRM, Signal.SIGPROF};

  private final ThreadGroup group;
  private final IntervalTimer[] interval = new IntervalTimer[SIGNALS.length];
  private final TreeMap<Integer, PosixTimer> timers = new TreeMap<>();
  private int nextId;

  private TimerSet(ThreadGroup group) {
    this.group = group;
    for (int which = 0; which < SIGNALS.length; which++) {
      interval[which] = new SignalTimer(group, SIGNALS[which], clock(which));
    }
  }

  /** ITIMER_VIRTUAL runs while guest code does, ITIMER_PROF also in the kernel. */
  private @Nullable LongSupplier clock(int which) {
    return switch (SIGNALS[which]) {
      case Signal.SIGALRM -> null;
      case Signal.SIGVTALRM -> () -> group.usage().user();
      default -> processClock(group);
    };
  }

  /** The process's timers, made on first use. */
  public static TimerSet of(ThreadGroup group) {
    ProcessTimers present = group.timers();
    if (present == null) {
      present = group.timersOr(new TimerSet(group));
    }
    return (TimerSet) present;
  }

  /**
   * A timer of setitimer(2).
   *
   * @param which ITIMER_REAL, ITIMER_VIRTUAL or ITIMER_PROF
   */
  public IntervalTimer interval(int which) {
    return interval[which];
  }

  /**
   * Makes a POSIX timer.
   *
   * @param clock null for the time of {@link System#nanoTime}
   * @return null if there are too many
   */
  public synchronized @Nullable PosixTimer create(
      int clockId, @Nullable LongSupplier clock, PosixTimer.Notice notice) {
    if (group.limits().exceeds(Rlimits.SIGPENDING, timers.size() + 1L)
        || !Slab.POSIX_TIMER.take(1)) {
      return null;
    }
    while (timers.containsKey(nextId)) {
      nextId = (nextId + 1) & Integer.MAX_VALUE;
    }
    PosixTimer timer = new PosixTimer(group, nextId, clockId, clock, notice);
    timers.put(nextId, timer);
    nextId = (nextId + 1) & Integer.MAX_VALUE;
    return timer;
  }

  public synchronized @Nullable PosixTimer find(int id) {
    return timers.get(id);
  }

  /** Removes a timer; returns whether there was one. */
  public boolean delete(int id) {
    PosixTimer timer;
    synchronized (this) {
      timer = timers.remove(id);
    }
    if (timer == null) {
      return false;
    }
    Slab.POSIX_TIMER.give(1);
    timer.disarm();
    return true;
  }

  @Override
  public void executed() {
    List<PosixTimer> all;
    synchronized (this) {
      all = new ArrayList<>(timers.values());
      timers.clear();
      nextId = 0;
    }
    Slab.POSIX_TIMER.give(all.size());
    for (PosixTimer timer : all) {
      timer.disarm();
    }
  }

  @Override
  public synchronized String list(PidNamespace reader) {
    StringBuilder out = new StringBuilder();
    for (PosixTimer timer : timers.descendingMap().values()) {
      timer.describe(out, reader);
    }
    return out.toString();
  }

  @Override
  public void exited() {
    executed();
    for (IntervalTimer timer : interval) {
      timer.disarm();
    }
  }

  /** The CPU time of one thread, for timers on its clock. */
  public static LongSupplier threadClock(Task task) {
    return () -> task.kernel().clock().threadCpu(task.thread().hostTid());
  }

  /** The CPU time of a process. */
  public static LongSupplier processClock(ThreadGroup group) {
    return () -> group.usage().cpu();
  }

  private static final class SignalTimer extends IntervalTimer {
    private final ThreadGroup group;
    private final int signal;
    private final CpuShares shares;

    SignalTimer(ThreadGroup group, int signal, @Nullable LongSupplier clock) {
      super(group.kernel().timeouts(), clock);
      this.group = group;
      this.signal = signal;
      this.shares = new CpuShares(group);
    }

    @Override
    protected void expired(long times) {
      Task first = signal == Signal.SIGALRM ? group.leader() : shares.next();
      group.signal(SigInfo.kernel(signal), first);
    }
  }
}
