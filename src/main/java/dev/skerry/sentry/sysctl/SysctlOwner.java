package dev.skerry.sentry.sysctl;

/** A namespace that has settings of its own. */
public interface SysctlOwner {
  SysctlValues sysctl();
}
