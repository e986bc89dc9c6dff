package dev.skerry.sentry.platform;

import java.util.function.IntFunction;

/**
 * A host thread or process that is about to be.
 *
 * @param parent who makes it
 * @param child makes the child's thread from its host thread id
 * @param order lets the parent's stub go ahead
 * @param done gets the host's result, in the parent
 */
record PendingClone(
    NotifyThread parent,
    IntFunction<NotifyThread> child,
    Runnable order,
    GuestThread.Completion done) {}
