package dev.skerry.sentry.kernel;

import dev.skerry.abi.Errno;

/**
 * What a system call may return beside a value ≥ 0 and -errno. The restart codes are Linux's own
 * (include/linux/errno.h) and never reach the guest.
 */
public final class Results {
  /** Interrupted: restarts if no handler runs or the handler has SA_RESTART, else EINTR. */
  public static final long ERESTARTSYS = -512;

  /** Interrupted: always restarts. */
  public static final long ERESTARTNOINTR = -513;

  /** Interrupted: restarts if no handler runs, else EINTR. */
  public static final long ERESTARTNOHAND = -514;

  /** Interrupted: goes on through restart_syscall(2) if no handler runs, else EINTR. */
  public static final long ERESTART_RESTARTBLOCK = -516;

  /** The task waits; the answer comes later. */
  public static final long PARKED = Long.MIN_VALUE;

  /** The host runs the very call, all of whose arguments were checked by value. */
  public static final long CONTINUE = Long.MIN_VALUE + 1;

  /** No call is made after all, as its tracer wishes: the register of the result stays. */
  public static final long SKIPPED = Long.MIN_VALUE + 2;

  /** Within {@link Wait#attempt}: not yet. */
  public static final long NOT_YET = -Errno.EAGAIN;

  private Results() {}

  static boolean isRestart(long result) {
    return result <= ERESTARTSYS && result >= ERESTART_RESTARTBLOCK;
  }
}
