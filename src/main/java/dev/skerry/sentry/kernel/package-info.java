/**
 * Tasks, thread groups, process groups, sessions, signals, timers, futexes, descriptors: the
 * kernel's own objects. Linux: kernel/, ipc/, fs/file.c.
 *
 * <p>Lock order, outermost first: {@link dev.skerry.sentry.kernel.FdTable}, file objects (pipe,
 * epoll, terminal), {@link dev.skerry.sentry.kernel.TaskSet} (the lock over the process tree and
 * all signal state), the futex table, wait queues. A {@link dev.skerry.sentry.kernel.Wait} is a
 * leaf. System calls that were woken run on whichever thread woke them, after that thread has
 * dropped all locks: see {@link dev.skerry.sentry.kernel.RunQueue}.
 */
@NullMarked
package dev.skerry.sentry.kernel;

import org.jspecify.annotations.NullMarked;
