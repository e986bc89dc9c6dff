/**
 * POSIX message queues (mq_overview(7)), by name only: the file system of theirs is not mounted.
 * Linux: ipc/mqueue.c.
 *
 * <p>Lock order: the names, then a queue, then wait queues. Signals are sent without these locks.
 */
@NullMarked
package dev.skerry.sentry.fs.mqueue;

import org.jspecify.annotations.NullMarked;
