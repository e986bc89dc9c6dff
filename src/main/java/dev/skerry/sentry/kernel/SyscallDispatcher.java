package dev.skerry.sentry.kernel;

/** Finds and runs the system call of a number. */
@FunctionalInterface
public interface SyscallDispatcher {
  /**
   * @return a value ≥ 0, -errno, or one of {@link Results}
   */
  long dispatch(Task task, int number, long[] args);

  /** As {@link #dispatch}, of a call that the task's filters have let pass. */
  default long dispatchPassed(Task task, int number, long[] args) {
    return dispatch(task, number, args);
  }

  /** As {@link #dispatch}, of a call that its tracer has seen as the task's filters wished. */
  default long dispatchTraced(Task task, int number, long[] args) {
    return dispatch(task, number, args);
  }

  /**
   * A call that is there was asked for something that is not.
   *
   * @param detail a flag, a command or an option, in a few words
   */
  default void note(Task task, int number, String detail) {}
}
