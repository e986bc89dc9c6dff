package dev.skerry.sentry.futex;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.kernel.Results;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.kernel.Wait;
import org.jspecify.annotations.Nullable;

/** A task that waits on a futex. Linux: struct futex_q. */
final class FutexWait extends Wait {
  /** How the wait goes on after a signal without a handler; null: from the beginning. */
  interface Again {
    long restart(Task task);
  }

  private final FutexTable table;
  private final @Nullable Again again;
  final int bitset;

  /** Where it is queued; null once it is not. Written with that bucket held. */
  volatile FutexTable.@Nullable Bucket bucket;

  // Guarded by the bucket.
  Object space;
  long address;

  private volatile boolean wokenUp;

  /** Whether the wait is for an owner's word, of {@link PiFutexes}. */
  final boolean inherits;

  /** Where the waiter sees such a futex. */
  final long seenAt;

  private final @Nullable PiFutexes owners;

  FutexWait(
      FutexTable table, Task task, Object space, long address, int bitset, @Nullable Again again) {
    super(task);
    this.table = table;
    this.space = space;
    this.address = address;
    this.bitset = bitset;
    this.again = again;
    this.inherits = false;
    this.seenAt = 0;
    this.owners = null;
  }

  /** A wait for a futex that owners hand on. */
  FutexWait(
      FutexTable table, Task task, Object space, long address, PiFutexes owners, long seenAt) {
    super(task);
    this.table = table;
    this.space = space;
    this.address = address;
    this.bitset = 0;
    this.again = null;
    this.inherits = true;
    this.seenAt = seenAt;
    this.owners = owners;
  }

  Task waiter() {
    return task();
  }

  /** Ends the wait with success. Called with the bucket held, after it was taken off. */
  void wakeUp() {
    bucket = null;
    wokenUp = true;
    woken();
  }

  @Override
  protected long attempt() {
    return wokenUp ? 0 : Results.NOT_YET;
  }

  @Override
  protected long timedOut() {
    return table.remove(this) ? -Errno.ETIMEDOUT : 0;
  }

  @Override
  protected long interrupted() {
    if (!table.remove(this)) {
      return 0;
    }
    Again continuation = again;
    if (inherits) {
      return Results.ERESTARTNOINTR;
    }
    if (continuation == null) {
      return Results.ERESTARTSYS;
    }
    task().setRestart(continuation::restart);
    return Results.ERESTART_RESTARTBLOCK;
  }

  @Override
  protected void finished() {
    if (owners != null) {
      owners.forget(this);
    }
    table.remove(this);
  }
}
