/**
 * Pipes and FIFOs. Linux: fs/pipe.c.
 *
 * <p>Lock order: a {@link dev.skerry.sentry.fs.pipe.Pipe}, then what a splice moves data to or
 * from, then wait queues. Two pipes are locked in the order of their inode numbers.
 */
@NullMarked
package dev.skerry.sentry.fs.pipe;

import org.jspecify.annotations.NullMarked;
