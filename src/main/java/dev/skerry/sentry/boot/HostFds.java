package dev.skerry.sentry.boot;

/** The descriptors that the launcher hands the sentry. */
final class HostFds {
  static final int SPOOL = 3;
  static final int CONTROL = 4;
  static final int SECCOMP = 5;
  static final int STUB = 6;
  static final int FIRST_CHANNEL = 7;

  private HostFds() {}
}
