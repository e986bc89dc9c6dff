package dev.skerry.sentry;

import dev.skerry.abi.Errno;

/**
 * A system call's failure on the control path (path walk, mount, exec, clone). Without a stack
 * trace and made beforehand, so that throwing one is cheap. EAGAIN, EINTR and the restart family
 * are returned, never thrown.
 */
public final class ErrnoException extends Exception {
  private static final long serialVersionUID = 1L;
  private static final int LIMIT = 134;
  private static final ErrnoException[] MADE = new ErrnoException[LIMIT];

  static {
    for (int errno = 1; errno < LIMIT; errno++) {
      MADE[errno] = new ErrnoException(errno);
    }
  }

  private final int errno;

  private ErrnoException(int errno) {
    super(null, null, false, false);
    this.errno = errno;
  }

  /** The error's name, looked up now: the names of all take a young sentry milliseconds. */
  @Override
  public String getMessage() {
    return Errno.name(errno);
  }

  /** The exception for a positive error number. */
  public static ErrnoException of(int errno) {
    return MADE[errno];
  }

  /** Passes on a result that is not negative, and throws the error that a negative one names. */
  public static long check(long result) throws ErrnoException {
    if (result < 0) {
      throw of((int) -result);
    }
    return result;
  }

  /** The positive error number. */
  public int errno() {
    return errno;
  }

  /** What a system call that fails so returns. */
  public long result() {
    return -errno;
  }
}
