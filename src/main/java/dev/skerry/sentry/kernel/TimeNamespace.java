package dev.skerry.sentry.kernel;

import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Namespace;
import dev.skerry.sentry.auth.NamespaceKind;
import dev.skerry.sentry.auth.UserNamespace;

/**
 * How far two clocks are from the host's (time_namespaces(7)), in nanoseconds. Linux: struct
 * time_namespace.
 */
public final class TimeNamespace extends Namespace {
  private volatile long monotonic;
  private volatile long boottime;

  /** Once somebody is in it the clocks stay as they are; guarded by this. */
  private boolean frozen;

  /** The sandbox's first one. */
  TimeNamespace() {
    super(NamespaceKind.TIME);
    frozen = true;
  }

  private TimeNamespace(TimeNamespace original, UserNamespace owner) throws ErrnoException {
    super(NamespaceKind.TIME, owner);
    monotonic = original.monotonic;
    boottime = original.boottime;
  }

  /** With the same clocks. */
  @Override
  public TimeNamespace unshare(UserNamespace newOwner) throws ErrnoException {
    return new TimeNamespace(this, newOwner);
  }

  /** What CLOCK_MONOTONIC is ahead. */
  public long monotonic() {
    return monotonic;
  }

  /** What CLOCK_BOOTTIME is ahead. */
  public long boottime() {
    return boottime;
  }

  /** What CLOCK_BOOTTIME is ahead for the task that is being served. */
  public static long boottimeOfReader() {
    Task reader = Task.current();
    return reader == null ? 0 : reader.namespaces().time().boottime();
  }

  /** Whether programs may not read the host's clocks. */
  public boolean differsFromHost() {
    return monotonic != 0 || boottime != 0;
  }

  /** Sets the clocks; false if somebody is in it already. */
  public synchronized boolean set(long newMonotonic, long newBoottime) {
    if (frozen) {
      return false;
    }
    monotonic = newMonotonic;
    boottime = newBoottime;
    return true;
  }

  /** A task comes in. */
  synchronized void freeze() {
    frozen = true;
  }
}
