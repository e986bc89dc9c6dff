package dev.skerry.sentry.fs.pipe;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The heap that all pipes together take. Beyond the soft limit a pipe grows no more than Linux lets
 * one grow beyond pipe-user-pages-soft (pipe(7)); beyond the hard limit writes fail, so that no
 * guest can fill the sentry's heap with pipes.
 */
final class PipeSpace {
  private static final long SOFT_LIMIT = 16L << 20;
  private static final long HARD_LIMIT = 24L << 20;
  private static final AtomicLong TAKEN = new AtomicLong();

  private PipeSpace() {}

  /** Takes bytes up to the soft limit; returns whether it did. */
  static boolean tryGrow(int bytes) {
    return take(bytes, SOFT_LIMIT);
  }

  /** Takes bytes up to the hard limit; returns whether it did. */
  static boolean tryBegin(int bytes) {
    return take(bytes, HARD_LIMIT);
  }

  private static boolean take(int bytes, long limit) {
    if (TAKEN.addAndGet(bytes) <= limit) {
      return true;
    }
    TAKEN.addAndGet(-bytes);
    return false;
  }

  static void give(int bytes) {
    TAKEN.addAndGet(-bytes);
  }
}
