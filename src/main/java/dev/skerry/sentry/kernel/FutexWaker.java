package dev.skerry.sentry.kernel;

/** The futexes, as far as the end of a thread needs them. */
public interface FutexWaker {
  /** Wakes up to {@code count} waiters on a shared or private futex in the task's memory. */
  void wake(Task task, long address, int count);
}
