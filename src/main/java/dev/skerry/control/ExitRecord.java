package dev.skerry.control;

/**
 * The end of a run.
 *
 * @param exitCode of the first process, 0 to 255, or -1 if a signal ended it or it never ran
 * @param signal that ended the first process, or 0
 * @param reason one line for a person; may be empty
 * @param killedByHost the host, not the sentry, killed the first process: for want of memory,
 *     mostly
 * @param cpuNanos CPU time of all guest processes, in nanoseconds
 * @param wallNanos from start to end
 */
public record ExitRecord(
    Verdict verdict,
    int exitCode,
    int signal,
    String reason,
    boolean killedByHost,
    long cpuNanos,
    long wallNanos) {}
