package dev.skerry.sentry.kernel;

/**
 * What a process does on a signal (sigaction(2)). Linux: struct kernel_sigaction.
 *
 * @param handler an address, or {@link #DEFAULT} or {@link #IGNORE}
 * @param flags SA_ flags
 * @param restorer where the handler returns to
 * @param mask blocked while the handler runs
 */
public record SignalAction(long handler, long flags, long restorer, long mask) {
  /** SIG_DFL. */
  public static final long DEFAULT = 0;

  /** SIG_IGN. */
  public static final long IGNORE = 1;

  public static final int SA_NOCLDSTOP = 1;
  public static final int SA_NOCLDWAIT = 2;
  public static final int SA_SIGINFO = 4;
  public static final int SA_UNSUPPORTED = 0x400;
  public static final int SA_EXPOSE_TAGBITS = 0x800;
  public static final int SA_RESTORER = 0x0400_0000;
  public static final int SA_ONSTACK = 0x0800_0000;
  public static final int SA_RESTART = 0x1000_0000;
  public static final int SA_NODEFER = 0x4000_0000;
  public static final int SA_RESETHAND = 0x8000_0000;

  /** The flags that Linux knows; sigaction(2) clears the others. */
  public static final long KNOWN_FLAGS = 0xdc00_0807L;

  static final SignalAction DEFAULT_ACTION = new SignalAction(DEFAULT, 0, 0, 0);

  boolean has(int flag) {
    return (flags & flag & 0xffff_ffffL) != 0;
  }

  boolean isDefault() {
    return handler == DEFAULT;
  }

  boolean isIgnore() {
    return handler == IGNORE;
  }
}
