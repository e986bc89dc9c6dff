/**
 * The memory devices (mem(4), null(4), full(4), random(4)) and what /dev is filled with. Linux:
 * drivers/char/mem.c, drivers/char/random.c, drivers/base/devtmpfs.c.
 *
 * <p>Lock order: the monitor of a {@link dev.skerry.sentry.fs.dev.ZeroFile} is a leaf.
 */
@NullMarked
package dev.skerry.sentry.fs.dev;

import org.jspecify.annotations.NullMarked;
