/**
 * Sockets inside the sandbox: what all families share. Nothing here leaves the sandbox. Linux:
 * net/socket.c, net/core.
 *
 * <p>Lock order, outermost first: a socket's monitor, a listening socket's monitor, a {@link
 * dev.skerry.sentry.socket.Connection}'s or a {@link dev.skerry.sentry.socket.MessageQueue}'s, wait
 * queues. Files that messages carry are dropped without locks.
 */
@NullMarked
package dev.skerry.sentry.socket;

import org.jspecify.annotations.NullMarked;
