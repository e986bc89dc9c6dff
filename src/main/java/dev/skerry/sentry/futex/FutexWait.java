package dev.skerry.sentry.futex;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.kernel.Results;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.kernel.Wait;
import org.jspecify.annotations.Nullable;

/** A task that waits on one futex or, with futex_waitv(2), on any of several. */
class FutexWait extends Wait {
  /** How the wait goes on after a signal without a handler; null: from the beginning. */
  interface Again {
    long restart(Task task);
  }

  private final FutexTable table;
  private final @Nullable Again again;
  private FutexPlace[] places = {};
  private volatile boolean wokenUp;

  FutexWait(FutexTable table, Task task, @Nullable Again again) {
    super(task);
    this.table = table;
    this.again = again;
  }

  final Task waiter() {
    return task();
  }

  /** Where it waits; to be set before the first place is queued. */
  final void setPlaces(FutexPlace... places) {
    this.places = places;
  }

  /** The only place of a wait for one futex. */
  final FutexPlace place() {
    return places[0];
  }

  final void wakeUp() {
    wokenUp = true;
    woken();
  }

  /** Takes all places off: the number of the last that was woken, or -1. */
  final int leave() {
    int last = -1;
    for (int i = 0; i < places.length; i++) {
      if (!table.remove(places[i])) {
        last = i;
      }
    }
    return last;
  }

  @Override
  protected long attempt() {
    return wokenUp ? leave() : Results.NOT_YET;
  }

  @Override
  protected long timedOut() {
    int last = leave();
    return last < 0 ? -Errno.ETIMEDOUT : last;
  }

  @Override
  protected long interrupted() {
    int last = leave();
    if (last >= 0) {
      return last;
    }
    Again continuation = again;
    if (continuation == null) {
      return Results.ERESTARTSYS;
    }
    task().setRestart(continuation::restart);
    return Results.ERESTART_RESTARTBLOCK;
  }

  @Override
  protected void finished() {
    leave();
  }
}
