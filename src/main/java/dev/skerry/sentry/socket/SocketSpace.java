package dev.skerry.sentry.socket;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The heap that what waits in sockets takes. Beyond the limit sending fails with ENOBUFS, as on
 * Linux when net.core has no more memory to give, so that no guest can fill the sentry's heap.
 */
final class SocketSpace {
  private static final long LIMIT = 24L << 20;
  private static final AtomicLong TAKEN = new AtomicLong();

  private SocketSpace() {}

  /** Takes bytes; returns whether there were as many. */
  static boolean take(long bytes) {
    if (TAKEN.addAndGet(bytes) <= LIMIT) {
      return true;
    }
    TAKEN.addAndGet(-bytes);
    return false;
  }

  static void give(long bytes) {
    TAKEN.addAndGet(-bytes);
  }
}
