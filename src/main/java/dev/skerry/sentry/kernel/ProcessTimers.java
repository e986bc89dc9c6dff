package dev.skerry.sentry.kernel;

/** The timers of a process (setitimer(2), timer_create(2)). */
public interface ProcessTimers {
  /** The process executes a new program: timer_create's timers go, setitimer's stay. */
  void executed();

  /**
   * The timers of timer_create(2), as /proc/PID/timers lists them (proc_pid_timers(5)).
   *
   * @param reader the namespace whose numbers the reader knows
   */
  String list(PidNamespace reader);

  /** The process ends: all go. */
  void exited();
}
