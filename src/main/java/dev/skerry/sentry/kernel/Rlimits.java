package dev.skerry.sentry.kernel;

import java.util.Arrays;

/**
 * Resource limits of a process (getrlimit(2)), soft and hard; unsigned, with {@link #INFINITY}
 * above all. Thread-safe. Linux: the rlim array of struct signal_struct.
 */
public final class Rlimits {
  public static final int CPU = 0;
  public static final int FSIZE = 1;
  public static final int DATA = 2;
  public static final int STACK = 3;
  public static final int CORE = 4;
  public static final int RSS = 5;
  public static final int NPROC = 6;
  public static final int NOFILE = 7;
  public static final int MEMLOCK = 8;
  public static final int AS = 9;
  public static final int LOCKS = 10;
  public static final int SIGPENDING = 11;
  public static final int MSGQUEUE = 12;
  public static final int NICE = 13;
  public static final int RTPRIO = 14;
  public static final int RTTIME = 15;
  public static final int COUNT = 16;

  /** RLIM_INFINITY. */
  public static final long INFINITY = -1;

  // Guarded by this.
  private final long[] soft;
  private final long[] hard;

  /** Linux's defaults (include/asm-generic/resource.h), as on a machine with some memory. */
  public Rlimits() {
    soft = new long[COUNT];
    hard = new long[COUNT];
    Arrays.fill(soft, INFINITY);
    Arrays.fill(hard, INFINITY);
    set(STACK, 8L << 20, INFINITY);
    set(CORE, 0, INFINITY);
    set(NOFILE, 1024, FdTable.MOST);
    set(MEMLOCK, 8L << 20, 8L << 20);
    set(SIGPENDING, 15360, 15360);
    set(MSGQUEUE, 819200, 819200);
    set(NICE, 0, 0);
    set(RTPRIO, 0, 0);
  }

  private Rlimits(long[] soft, long[] hard) {
    this.soft = soft;
    this.hard = hard;
  }

  /** A copy, for a child process. */
  public synchronized Rlimits copy() {
    return new Rlimits(soft.clone(), hard.clone());
  }

  public synchronized long soft(int resource) {
    return soft[resource];
  }

  public synchronized long hard(int resource) {
    return hard[resource];
  }

  public synchronized void set(int resource, long softLimit, long hardLimit) {
    soft[resource] = softLimit;
    hard[resource] = hardLimit;
  }

  /** Whether the value, unsigned, is beyond the soft limit. */
  public boolean exceeds(int resource, long value) {
    return Long.compareUnsigned(value, soft(resource)) > 0;
  }
}
