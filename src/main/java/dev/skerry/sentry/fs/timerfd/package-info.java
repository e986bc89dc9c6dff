/**
 * Timers that can be polled (timerfd_create(2)). A file's monitor is outside the wait queues.
 * Linux: fs/timerfd.c.
 */
@NullMarked
package dev.skerry.sentry.fs.timerfd;

import org.jspecify.annotations.NullMarked;
