/**
 * Wait queues. Leaf locks: a queue's lock is held while its entries are told, so an entry only
 * notes the event. Linux: kernel/sched/wait.c.
 */
@NullMarked
package dev.skerry.sentry.waiter;

import org.jspecify.annotations.NullMarked;
