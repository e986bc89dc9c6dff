package dev.skerry.sentry.kernel;

/** Finds and runs the system call of a number. */
@FunctionalInterface
public interface SyscallDispatcher {
  /**
   * @return a value ≥ 0, -errno, or one of {@link Results}
   */
  long dispatch(Task task, int number, long[] args);
}
