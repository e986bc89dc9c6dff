package dev.skerry.sentry.kernel;

/**
 * Settings that are kept and told, and inherited by children.
 *
 * @param ioPriority of ioprio_set(2)
 * @param personality of personality(2)
 * @param slack of PR_SET_TIMERSLACK(2const)
 * @param memoryPolicy MPOL_ of set_mempolicy(2), with its flags
 */
public record TaskSettings(
    Scheduling scheduling, int ioPriority, int personality, TimerSlack slack, int memoryPolicy) {
  private static final int READ_IMPLIES_EXEC = 0x400000;

  static final TaskSettings DEFAULT =
      new TaskSettings(Scheduling.DEFAULT, 0, 0, TimerSlack.DEFAULT, 0);

  public TaskSettings withScheduling(Scheduling changed) {
    return new TaskSettings(changed, ioPriority, personality, slack, memoryPolicy);
  }

  public TaskSettings withIoPriority(int value) {
    return new TaskSettings(scheduling, value, personality, slack, memoryPolicy);
  }

  public TaskSettings withPersonality(int value) {
    return new TaskSettings(scheduling, ioPriority, value, slack, memoryPolicy);
  }

  public TaskSettings withMemoryPolicy(int policyAndFlags) {
    return new TaskSettings(scheduling, ioPriority, personality, slack, policyAndFlags);
  }

  /** With another timer slack, in nanoseconds; zero or less stands for the usual one. */
  public TaskSettings withTimerSlack(long nanos) {
    return withSlack(slack.with(nanos));
  }

  /** The timer slack in force, in nanoseconds. */
  public long timerSlack() {
    return slack.nanos();
  }

  private TaskSettings withSlack(TimerSlack changed) {
    return new TaskSettings(scheduling, ioPriority, personality, changed, memoryPolicy);
  }

  /** What a new program starts with, as the host has it then, too. */
  TaskSettings forExec() {
    boolean marked = (personality & READ_IMPLIES_EXEC) != 0;
    return marked ? withPersonality(personality & ~READ_IMPLIES_EXEC) : this;
  }

  /** What a child starts with. */
  TaskSettings forChild() {
    return withScheduling(scheduling.forChild()).withSlack(slack.forChild());
  }
}
