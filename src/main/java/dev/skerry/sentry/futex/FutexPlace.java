package dev.skerry.sentry.futex;

import dev.skerry.sentry.kernel.Task;
import org.jspecify.annotations.Nullable;

/** A task's place in the queue of one futex. Linux: struct futex_q. */
final class FutexPlace {
  /** What the waiter waits for. */
  enum Kind {
    /** A wake-up. */
    PLAIN,
    /** The ownership that {@link PiFutexes} hand on. */
    OWNERSHIP,
    /** To be moved to the futex of an owner (FUTEX_WAIT_REQUEUE_PI). */
    TO_BE_MOVED
  }

  final FutexWait wait;
  final int bitset;

  /** Where it is queued; null once it is not. Written with that bucket held. */
  volatile FutexTable.@Nullable Bucket bucket;

  // Guarded by the bucket.
  Object space;
  long address;
  Kind kind;

  /** Where the waiter sees the futex whose owner it waits to become, now or when it was moved. */
  final long seenAt;

  /** Where the waiter is to be moved. */
  final FutexTable.@Nullable Key target;

  FutexPlace(FutexWait wait, FutexTable.Key key, int bitset) {
    this(wait, key, bitset, Kind.PLAIN, 0, null);
  }

  private FutexPlace(
      FutexWait wait,
      FutexTable.Key key,
      int bitset,
      Kind kind,
      long seenAt,
      FutexTable.@Nullable Key target) {
    this.wait = wait;
    this.space = key.space();
    this.address = key.address();
    this.bitset = bitset;
    this.kind = kind;
    this.seenAt = seenAt;
    this.target = target;
  }

  static FutexPlace forOwnership(FutexWait wait, FutexTable.Key key, long seenAt) {
    return new FutexPlace(wait, key, 0, Kind.OWNERSHIP, seenAt, null);
  }

  static FutexPlace toBeMoved(
      FutexWait wait, FutexTable.Key key, FutexTable.Key target, long targetSeenAt) {
    return new FutexPlace(wait, key, FutexTable.EVERYBODY, Kind.TO_BE_MOVED, targetSeenAt, target);
  }

  Task waiter() {
    return wait.waiter();
  }

  boolean isPlain() {
    return kind == Kind.PLAIN;
  }

  /** Ends the wait with success. Called with the bucket held, after it was taken off. */
  void wakeUp() {
    bucket = null;
    wait.wakeUp();
  }
}
