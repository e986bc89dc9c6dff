/**
 * Terminals: the line discipline, pseudo-terminal pairs, the sandbox's own terminal, job control.
 * Linux: drivers/tty/.
 *
 * <p>Lock order: a {@link dev.skerry.sentry.fs.tty.Terminal}, then the lock over the process tree,
 * then the output's sink, then wait queues. Signals go out with the terminal's lock held; whether a
 * background job may use the terminal is asked before it is taken.
 */
@NullMarked
package dev.skerry.sentry.fs.tty;

import org.jspecify.annotations.NullMarked;
