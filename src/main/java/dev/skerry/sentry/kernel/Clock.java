package dev.skerry.sentry.kernel;

/** Time, all in nanoseconds. Tests put in one of their own. */
public interface Clock {
  /** CLOCK_MONOTONIC, the time of {@link System#nanoTime}. */
  long monotonic();

  /** CLOCK_REALTIME. */
  long realtime();

  /**
   * The CPU time of a host process.
   *
   * @param hostPid its process id, which is that of its first thread
   */
  long processCpu(int hostPid);

  /** The CPU time of a host thread. */
  long threadCpu(int hostTid);

  /** The CPU time of a host process in nanoseconds, as its timer interrupts have counted it. */
  long processTicks(int hostPid);

  /** The part of {@link #processTicks} that was spent in guest code. */
  long processUserTicks(int hostPid);
}
