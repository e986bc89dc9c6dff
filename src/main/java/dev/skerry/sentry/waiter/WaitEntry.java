package dev.skerry.sentry.waiter;

import org.jspecify.annotations.Nullable;

/** A listener on a {@link WaitQueue}. One entry is on at most one queue at a time. */
public abstract class WaitEntry {
  final int events;

  // Where it is, guarded by the queue.
  volatile @Nullable WaitQueue queue;
  @Nullable WaitEntry before;
  @Nullable WaitEntry after;

  /**
   * @param events the poll(2) events to be told of; POLLERR and POLLHUP are always told
   */
  protected WaitEntry(int events) {
    this.events = events | Events.ALWAYS;
  }

  /**
   * Notes that some of the events happened. Called with the queue's lock held, and perhaps the
   * waker's: must not block, take other locks than leaf locks, or touch the queue.
   *
   * @return whether somebody waited for this, and goes on now
   */
  protected abstract boolean woken(int happened);

  /** Whether it need not be told of what another such entry was woken by (EPOLLEXCLUSIVE). */
  protected boolean isExclusive() {
    return false;
  }
}
