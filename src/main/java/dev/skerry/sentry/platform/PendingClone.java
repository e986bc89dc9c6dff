package dev.skerry.sentry.platform;

import java.util.function.IntFunction;

/**
 * A host thread or process that is about to be.
 *
 * @param parent who makes it
 * @param thread whether it will be a thread of the parent's process
 * @param child makes the child's thread from its host thread id
 * @param order lets the parent's stub go ahead
 * @param done gets the host's result, in the parent
 */
record PendingClone(
    NotifyThread parent,
    boolean thread,
    IntFunction<NotifyThread> child,
    Runnable order,
    GuestThread.Completion done) {
  private static final int INIT = 1;

  /**
   * Whether a host thread is the child, by what the host says: a process is its parent's, and when
   * its parent may have ended already, the one that the parent named.
   *
   * @param named what the parent got from the host; 0 if it has not said so yet
   */
  boolean made(int hostTid, long named) {
    int tgid = parent.hostTgid();
    if (thread) {
      return HostWitness.isThreadOf(tgid, hostTid);
    }
    int parentOfIt = HostWitness.parentOf(hostTid);
    return parentOfIt == tgid || (parentOfIt == INIT && named == hostTid);
  }
}
