package dev.skerry.control;

/** How a run ended, as the sentry or the service saw it; never as the guest says. */
public enum Verdict {
  EXITED,
  SIGNALED,
  OOM,
  WALL_TIMEOUT,
  CPU_TIMEOUT,
  OUTPUT_LIMIT,
  DISK_QUOTA,
  POLICY_DENIED,
  CANCELLED,
  INFRA_ERROR
}
