package dev.skerry.sentry.auth;

import java.lang.ref.Cleaner;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Bounds what long lists of groups take of the heap, 256 KiB each. Credentials are shared and never
 * given back, so the collector tells when nobody has a list any more. Linux: struct group_info,
 * which counts as kernel memory.
 */
public final class GroupLists {
  /** Shorter lists are small beside the task that has them. */
  private static final int SHORT = 64;

  /** Ids in all lists: 32 MiB. */
  private static final long MOST = 8 << 20;

  private static final int LOOKS = 50;
  private static final long LOOK_NANOS = 2_000_000;
  private static final long COLLECTION_NANOS = 1_000_000_000;
  private static final Cleaner CLEANER = Cleaner.create();
  private static final AtomicLong TAKEN = new AtomicLong();
  private static long collected = System.nanoTime() - COLLECTION_NANOS;

  private GroupLists() {}

  /** Counts a list until it is collected; returns whether there was room for it. */
  public static boolean keep(int[] groups) {
    if (groups.length <= SHORT) {
      return true;
    }
    if (!take(groups.length) && !takeAfterCollection(groups.length)) {
      return false;
    }
    forget(groups, groups.length);
    return true;
  }

  /** Apart, so that what runs at the end does not hold the list. */
  private static void forget(int[] groups, int length) {
    CLEANER.register(groups, () -> TAKEN.addAndGet(-length));
  }

  private static boolean take(int length) {
    if (TAKEN.addAndGet(length) <= MOST) {
      return true;
    }
    TAKEN.addAndGet(-length);
    return false;
  }

  /** Collects at most once a second: everybody stands still meanwhile. */
  private static synchronized boolean takeAfterCollection(int length) {
    long now = System.nanoTime();
    if (now - collected < COLLECTION_NANOS) {
      return take(length);
    }
    System.gc();
    collected = System.nanoTime();
    for (int i = 0; i < LOOKS; i++) {
      if (take(length)) {
        return true;
      }
      LockSupport.parkNanos(LOOK_NANOS);
    }
    return false;
  }
}
