package dev.skerry.sentry.kernel;

import org.jspecify.annotations.Nullable;

/**
 * A directory that stands for a process, which pidfd_send_signal(2) takes for a pidfd: /proc/PID.
 */
public interface ProcessDirectory {
  /** The process; null for a thread's directory. */
  @Nullable ThreadGroup process();
}
