/**
 * Counters that can be polled (eventfd(2)). A file's monitor is outside the wait queues. Linux:
 * fs/eventfd.c.
 */
@NullMarked
package dev.skerry.sentry.fs.eventfd;

import org.jspecify.annotations.NullMarked;
