/**
 * AF_UNIX sockets. Locks: see the package above; {@link UnixNames} is inside a socket's. Linux:
 * net/unix.
 */
@NullMarked
package dev.skerry.sentry.socket.unix;

import org.jspecify.annotations.NullMarked;
