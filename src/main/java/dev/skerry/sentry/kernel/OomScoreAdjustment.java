package dev.skerry.sentry.kernel;

/**
 * How much rather than others a process is to be killed for memory, proc_pid_oom_score_adj(5).
 *
 * @param value -1000 to 1000
 * @param least what it may be lowered to without CAP_SYS_RESOURCE
 */
public record OomScoreAdjustment(int value, int least) {
  static final OomScoreAdjustment NONE = new OomScoreAdjustment(0, 0);
}
