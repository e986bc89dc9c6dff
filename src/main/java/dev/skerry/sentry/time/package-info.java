/**
 * Timers that send signals: setitimer(2), alarm(2), timer_create(2). Linux: kernel/time/itimer.c,
 * kernel/time/posix-timers.c.
 *
 * <p>Lock order: a {@link dev.skerry.sentry.time.TimerSet}, an {@link
 * dev.skerry.sentry.time.IntervalTimer}, the lock over all signals, the timeouts.
 */
@NullMarked
package dev.skerry.sentry.time;

import org.jspecify.annotations.NullMarked;
