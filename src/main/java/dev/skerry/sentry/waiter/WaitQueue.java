package dev.skerry.sentry.waiter;

import org.jspecify.annotations.Nullable;

/**
 * Those who wait for something to become ready, in the order of their coming. The list goes through
 * the entries themselves, so that a guest that waits a hundred thousand times on one file costs no
 * more each time.
 */
public final class WaitQueue {
  // Guarded by this.
  private @Nullable WaitEntry first;
  private @Nullable WaitEntry last;

  /** Adds an entry, which is on no queue. */
  public synchronized void add(WaitEntry entry) {
    WaitEntry before = last;
    entry.queue = this;
    entry.before = before;
    if (before == null) {
      first = entry;
    } else {
      before.after = entry;
    }
    last = entry;
  }

  /** Takes the entry off; afterwards it is not told any more. Nothing happens if it is not on. */
  public synchronized void remove(WaitEntry entry) {
    if (entry.queue != this) {
      return;
    }
    WaitEntry before = entry.before;
    WaitEntry after = entry.after;
    if (before == null) {
      first = after;
    } else {
      before.after = after;
    }
    if (after == null) {
      last = before;
    } else {
      after.before = before;
    }
    entry.queue = null;
    entry.before = null;
    entry.after = null;
  }

  /**
   * Tells every entry that asked for one of the events; of the exclusive ones only as many as it
   * takes until somebody goes on.
   *
   * @return whether somebody waited for this, and goes on now
   */
  public synchronized boolean wake(int events) {
    boolean any = false;
    boolean taken = false;
    for (WaitEntry entry = first; entry != null; entry = entry.after) {
      boolean exclusive = entry.isExclusive();
      if ((entry.events & events) != 0 && !(exclusive && taken)) {
        boolean goesOn = entry.woken(events);
        any |= goesOn;
        taken |= exclusive && goesOn;
      }
    }
    return any;
  }

  public synchronized boolean isEmpty() {
    return first == null;
  }
}
