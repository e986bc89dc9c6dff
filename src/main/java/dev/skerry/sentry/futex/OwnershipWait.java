package dev.skerry.sentry.futex;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.kernel.Results;
import dev.skerry.sentry.kernel.Task;

/**
 * A task that waits to become a futex's owner: at once (FUTEX_LOCK_PI), or after it was moved there
 * (FUTEX_WAIT_REQUEUE_PI).
 */
final class OwnershipWait extends FutexWait {
  private final PiFutexes owners;
  private final boolean fromElsewhere;
  private volatile boolean moved;

  OwnershipWait(FutexTable table, Task task, PiFutexes owners, boolean fromElsewhere) {
    super(table, task, null);
    this.owners = owners;
    this.fromElsewhere = fromElsewhere;
  }

  /** It waits for the owner now. Called with the buckets held. */
  void isMoved() {
    moved = true;
  }

  @Override
  protected long interrupted() {
    boolean owns = leave() >= 0;
    if (owns) {
      return 0;
    }
    // Who was moved cannot begin again where it began.
    return fromElsewhere && moved ? -Errno.EAGAIN : Results.ERESTARTNOINTR;
  }

  @Override
  protected void finished() {
    super.finished();
    owners.forget(place());
  }
}
