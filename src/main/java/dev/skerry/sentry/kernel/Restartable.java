package dev.skerry.sentry.kernel;

/** How an interrupted call goes on through restart_syscall(2). */
@FunctionalInterface
public interface Restartable {
  /**
   * @return as a system call
   */
  long restart(Task task);
}
