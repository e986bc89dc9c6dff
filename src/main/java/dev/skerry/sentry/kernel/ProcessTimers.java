package dev.skerry.sentry.kernel;

/** The timers of a process (setitimer(2), timer_create(2)). */
public interface ProcessTimers {
  /** The process executes a new program: timer_create's timers go, setitimer's stay. */
  void executed();

  /** The process ends: all go. */
  void exited();
}
