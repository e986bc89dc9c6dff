/**
 * Signals taken by reading (signalfd(2)). The lock over all signals is outside the wait queues.
 * Linux: fs/signalfd.c.
 */
@NullMarked
package dev.skerry.sentry.fs.signalfd;

import org.jspecify.annotations.NullMarked;
