package dev.skerry.sentry.kernel;

import org.jspecify.annotations.Nullable;

/**
 * A traced task stands still for its tracer, with its registers at hand. Guarded by {@link
 * TaskSet}. Linux: what ptrace_stop() of kernel/signal.c keeps in the task.
 */
final class TraceStop {
  /** What lets the task go on. */
  @FunctionalInterface
  interface Resumption {
    /** The tracer went away before the stop. */
    int UNSEEN = -1;

    /**
     * Runs without locks.
     *
     * @param signal what the tracer gave: a signal, 0 for none, or {@link #UNSEEN}
     * @param info as the tracer may have changed it; null if the stop has none
     */
    void resumed(int signal, @Nullable SigInfo info);
  }

  /** CLD_TRAPPED, or CLD_STOPPED for a stop of the whole process. */
  final int why;

  final long message;
  final Resumption next;

  /** The signal, with an event above it, until a wait has taken it; then 0. */
  int code;

  @Nullable SigInfo info;

  TraceStop(int code, int why, @Nullable SigInfo info, long message, Resumption next) {
    this.code = code;
    this.why = why;
    this.info = info;
    this.message = message;
    this.next = next;
  }

  /** Whether it is a PTRACE_EVENT_STOP, which the tracer may leave as it is and listen. */
  boolean isEventStop() {
    SigInfo present = info;
    return present != null && present.code() >> 8 == Trace.EVENT_STOP;
  }
}
