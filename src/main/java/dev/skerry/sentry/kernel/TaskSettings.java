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
 * @param usualSlack the timer slack that the task started with
 * @param memoryPolicy MPOL_ of set_mempolicy(2), with its flags
 */
public record TaskSettings(
    int nice,
    int policy,
    int priority,
    boolean resetOnFork,
    long affinity,
    int ioPriority,
    int personality,
    long timerSlack,
    long usualSlack,
    int memoryPolicy) {
  private static final int READ_IMPLIES_EXEC = 0x400000;

  static final TaskSettings DEFAULT = new TaskSettings(0, 0, 0, false, 0, 0, 0, 50_000, 50_000, 0);

  public TaskSettings withNice(int value) {
    return new TaskSettings(
        value,
        policy,
        priority,
        resetOnFork,
        affinity,
        ioPriority,
        personality,
        timerSlack,
        usualSlack,
        memoryPolicy);
  }

  public TaskSettings withScheduler(int newPolicy, int newPriority, boolean reset) {
    return new TaskSettings(
        nice,
        newPolicy,
        newPriority,
        reset,
        affinity,
        ioPriority,
        personality,
        timerSlack,
        usualSlack,
        memoryPolicy);
  }

  public TaskSettings withAffinity(long set) {
    return new TaskSettings(
        nice,
        policy,
        priority,
        resetOnFork,
        set,
        ioPriority,
        personality,
        timerSlack,
        usualSlack,
        memoryPolicy);
  }

  public TaskSettings withIoPriority(int value) {
    return new TaskSettings(
        nice,
        policy,
        priority,
        resetOnFork,
        affinity,
        value,
        personality,
        timerSlack,
        usualSlack,
        memoryPolicy);
  }

  public TaskSettings withPersonality(int value) {
    return new TaskSettings(
        nice,
        policy,
        priority,
        resetOnFork,
        affinity,
        ioPriority,
        value,
        timerSlack,
        usualSlack,
        memoryPolicy);
  }

  public TaskSettings withMemoryPolicy(int policyAndFlags) {
    return new TaskSettings(
        nice,
        policy,
        priority,
        resetOnFork,
        affinity,
        ioPriority,
        personality,
        timerSlack,
        usualSlack,
        policyAndFlags);
  }

  /** With another timer slack; zero stands for the usual one. */
  public TaskSettings withTimerSlack(long nanos) {
    return withSlack(nanos <= 0 ? usualSlack : nanos, usualSlack);
  }

  private TaskSettings withSlack(long slack, long usual) {
    return new TaskSettings(
        nice,
        policy,
        priority,
        resetOnFork,
        affinity,
        ioPriority,
        personality,
        slack,
        usual,
        memoryPolicy);
  }

  /** What a new program starts with, as the host has it then, too. */
  TaskSettings forExec() {
    boolean marked = (personality & READ_IMPLIES_EXEC) != 0;
    return marked ? withPersonality(personality & ~READ_IMPLIES_EXEC) : this;
  }

  /** What a child starts with. */
  TaskSettings forChild() {
    TaskSettings own = timerSlack == usualSlack ? this : withSlack(timerSlack, timerSlack);
    if (!resetOnFork) {
      return own;
    }
    return own.withScheduler(0, 0, false).withNice(Math.max(nice, 0));
  }
}
