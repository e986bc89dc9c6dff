package dev.skerry.sentry.kernel;

import org.jspecify.annotations.Nullable;

/**
 * How a task is scheduled, sched(7).
 *
 * @param nice -20 to 19
 * @param policy SCHED_ of sched_setscheduler(2)
 * @param priority of real-time policies
 * @param resetOnFork whether children start with the usual policy
 * @param affinity the allowed processors as a bit set; 0 for all
 * @param deadline of SCHED_DEADLINE; null for the other policies
 */
public record Scheduling(
    int nice,
    int policy,
    int priority,
    boolean resetOnFork,
    long affinity,
    @Nullable Deadline deadline) {
  /**
   * What SCHED_DEADLINE goes by, in nanoseconds.
   *
   * @param flags SCHED_FLAG_RECLAIM and SCHED_FLAG_DL_OVERRUN
   */
  public record Deadline(long runtime, long deadline, long period, long flags) {}

  static final Scheduling DEFAULT = new Scheduling(0, 0, 0, false, 0, null);

  public Scheduling withNice(int value) {
    return new Scheduling(value, policy, priority, resetOnFork, affinity, deadline);
  }

  public Scheduling withPolicy(int newPolicy, int newPriority, boolean reset) {
    return new Scheduling(nice, newPolicy, newPriority, reset, affinity, null);
  }

  public Scheduling withDeadline(int newPolicy, Deadline goesBy, boolean reset) {
    return new Scheduling(nice, newPolicy, 0, reset, affinity, goesBy);
  }

  public Scheduling withAffinity(long set) {
    return new Scheduling(nice, policy, priority, resetOnFork, set, deadline);
  }

  /** Whether a task like this has children: those of one with deadlines would share its time. */
  boolean mayFork() {
    return deadline == null || resetOnFork;
  }

  /** What a child starts with. */
  Scheduling forChild() {
    return resetOnFork ? new Scheduling(Math.max(nice, 0), 0, 0, false, affinity, null) : this;
  }
}
