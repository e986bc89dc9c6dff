/**
 * Futexes. Linux: kernel/futex/.
 *
 * <p>Lock order: the buckets of a {@link dev.skerry.sentry.futex.FutexTable} in the order of their
 * numbers; with one held, guest memory may be read and written.
 */
@NullMarked
package dev.skerry.sentry.futex;

import org.jspecify.annotations.NullMarked;
