package dev.skerry.sentry.vfs.synthetic;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The heap that the texts of all open files take together. Beyond the limit reads fail, so that no
 * guest can fill the sentry's heap with half-read files.
 */
final class TextSpace {
  private static final long LIMIT = 12L << 20;
  private static final AtomicLong TAKEN = new AtomicLong();

  private TextSpace() {}

  static boolean tryTake(int bytes) {
    if (TAKEN.addAndGet(bytes) <= LIMIT) {
      return true;
    }
    TAKEN.addAndGet(-bytes);
    return false;
  }

  static void give(int bytes) {
    TAKEN.addAndGet(-bytes);
  }
}
