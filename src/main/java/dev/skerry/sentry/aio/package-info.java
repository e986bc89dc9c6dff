/**
 * Asynchronous input and output (io_setup(2)). Linux: fs/aio.c.
 *
 * <p>Lock order: the table of contexts, then one context; neither is held when a wait queue is
 * woken.
 */
@NullMarked
package dev.skerry.sentry.aio;

import org.jspecify.annotations.NullMarked;
