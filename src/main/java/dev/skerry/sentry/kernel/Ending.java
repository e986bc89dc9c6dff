package dev.skerry.sentry.kernel;

import org.jspecify.annotations.Nullable;

/** What is known of a task's end before that has come. Guarded by {@link TaskSet}. */
final class Ending {
  /** Its process has ended, and it is still to come by (see {@link Rundown}). */
  boolean lingers;

  /** Its tracer has been told that it ends. */
  boolean seen;

  /**
   * The signal by which the task, not its process, ends on its way out of the sentry; 0 for none.
   */
  int condemnedBy;

  /** The signal by which the task's process ends when the task leaves the sentry; null for none. */
  @Nullable SigInfo processCondemnedBy;
}
