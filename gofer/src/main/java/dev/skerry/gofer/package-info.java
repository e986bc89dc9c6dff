/**
 * The gofer: the only process of a sandbox that touches the container's files. It serves the
 * sentry's requests, and hands out descriptors of regular files and of nothing else.
 *
 * <p>A handle is an O_PATH descriptor, made from another handle and a single name without following
 * symbolic links; no path is ever walked. What the handle stands for is opened through the
 * directory of the gofer's own descriptors, so it is that very file, whatever its names are now,
 * and its type is known beforehand: a device, a FIFO or a socket is never opened.
 *
 * <p>A thread serves each channel. Linux: fs/nfsd, which serves files by handles too. Lock order: a
 * handle's listing, then the table, then a handle's own lock.
 */
@NullMarked
package dev.skerry.gofer;

import org.jspecify.annotations.NullMarked;
