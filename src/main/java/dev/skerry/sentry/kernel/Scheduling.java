package dev.skerry.sentry.kernel;

/**
 * How a task is scheduled, sched(7).
 *
 * @param nice -20 to 19
 * @param policy SCHED_ of sched_setscheduler(2)
 * @param priority of real-time policies
 * @param resetOnFork whether children start with the usual policy
 * @param affinity the allowed processors as a bit set; 0 for all
 */
public record Scheduling(int nice, int policy, int priority, boolean resetOnFork, long affinity) {
  static final Scheduling DEFAULT = new Scheduling(0, 0, 0, false, 0);

  public Scheduling withNice(int value) {
    return new Scheduling(value, policy, priority, resetOnFork, affinity);
  }

  public Scheduling withPolicy(int newPolicy, int newPriority, boolean reset) {
    return new Scheduling(nice, newPolicy, newPriority, reset, affinity);
  }

  public Scheduling withAffinity(long set) {
    return new Scheduling(nice, policy, priority, resetOnFork, set);
  }

  /** What a child starts with. */
  Scheduling forChild() {
    return resetOnFork ? new Scheduling(Math.max(nice, 0), 0, 0, false, affinity) : this;
  }
}
