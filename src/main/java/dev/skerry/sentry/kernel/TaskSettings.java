package dev.skerry.sentry.kernel;

/**
 * Settings that are kept and told, and inherited by children.
 *
 * @param nice -20 to 19
 * @param policy SCHED_ of sched_setscheduler(2)
 * @param priority of real-time policies
 * @param affinity the allowed processors as a bit set; 0 for all
 * @param ioPriority of ioprio_set(2)
 * @param personality of personality(2)
 * @param timerSlack nanoseconds
 */
public record TaskSettings(
    int nice,
    int policy,
    int priority,
    boolean resetOnFork,
    long affinity,
    int ioPriority,
    int personality,
    long timerSlack) {
  static final TaskSettings DEFAULT = new TaskSettings(0, 0, 0, false, 0, 0, 0, 50_000);

  public TaskSettings withNice(int value) {
    return new TaskSettings(
        value, policy, priority, resetOnFork, affinity, ioPriority, personality, timerSlack);
  }

  public TaskSettings withScheduler(int newPolicy, int newPriority, boolean reset) {
    return new TaskSettings(
        nice, newPolicy, newPriority, reset, affinity, ioPriority, personality, timerSlack);
  }

  public TaskSettings withAffinity(long set) {
    return new TaskSettings(
        nice, policy, priority, resetOnFork, set, ioPriority, personality, timerSlack);
  }

  public TaskSettings withIoPriority(int value) {
    return new TaskSettings(
        nice, policy, priority, resetOnFork, affinity, value, personality, timerSlack);
  }

  public TaskSettings withPersonality(int value) {
    return new TaskSettings(
        nice, policy, priority, resetOnFork, affinity, ioPriority, value, timerSlack);
  }

  public TaskSettings withTimerSlack(long nanos) {
    return new TaskSettings(
        nice, policy, priority, resetOnFork, affinity, ioPriority, personality, nanos);
  }

  /** What a child starts with. */
  TaskSettings forChild() {
    if (!resetOnFork) {
      return this;
    }
    return withScheduler(0, 0, false).withNice(Math.max(nice, 0));
  }
}
