/**
 * A sandbox's standard streams over a WebSocket, in two subprotocols.
 *
 * <p>Counterpart: Kubernetes' remotecommand. Output is read from the spool by a virtual thread per
 * client, which waits when the client does not read; input is taken from the client no faster than
 * the guest reads. On Vert.x' own WebSocket, which can be paused: the memory per client is bounded
 * in both directions. No locks.
 */
@NullMarked
package dev.skerry.service.ws;

import org.jspecify.annotations.NullMarked;
