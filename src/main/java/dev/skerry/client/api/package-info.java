/**
 * A client of the service's public API: REST, and the sandbox's streams over a WebSocket.
 *
 * <p>Lock order: a {@link dev.skerry.client.api.StdioChannel}'s lock is the only one.
 */
@NullMarked
package dev.skerry.client.api;

import org.jspecify.annotations.NullMarked;
