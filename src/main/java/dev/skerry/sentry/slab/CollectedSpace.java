package dev.skerry.sentry.slab;

import java.lang.ref.Cleaner;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Bounds what shared, immutable objects of one kind take of the heap. They are never given back, as
 * credentials are not, so the collector tells when nobody has them any more.
 */
public final class CollectedSpace {
  private static final int LOOKS = 50;
  private static final long LOOK_NANOS = 2_000_000;
  private static final long COLLECTION_NANOS = 1_000_000_000;
  private static final Cleaner CLEANER = Cleaner.create();
  private static long collected = System.nanoTime() - COLLECTION_NANOS;

  private final long most;
  private final AtomicLong taken = new AtomicLong();

  /**
   * @param most units that all objects take together
   */
  public CollectedSpace(long most) {
    this.most = most;
  }

  /** Counts an object until it is collected; returns whether there was room for it. */
  public boolean keep(Object object, int units) {
    if (!take(units) && !takeAfterCollection(this, units)) {
      return false;
    }
    forget(object, taken, units);
    return true;
  }

  /** Apart, so that what runs at the end does not hold the object. */
  private static void forget(Object object, AtomicLong count, int units) {
    CLEANER.register(object, () -> count.addAndGet(-units));
  }

  private boolean take(int units) {
    if (taken.addAndGet(units) <= most) {
      return true;
    }
    taken.addAndGet(-units);
    return false;
  }

  /** Collects at most once a second: everybody stands still meanwhile. */
  private static synchronized boolean takeAfterCollection(CollectedSpace space, int units) {
    long now = System.nanoTime();
    if (now - collected < COLLECTION_NANOS) {
      return space.take(units);
    }
    System.gc();
    collected = System.nanoTime();
    for (int i = 0; i < LOOKS; i++) {
      if (space.take(units)) {
        return true;
      }
      LockSupport.parkNanos(LOOK_NANOS);
    }
    return false;
  }
}
