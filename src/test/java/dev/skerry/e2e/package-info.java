/**
 * Sandboxes as their users have them: a service of its own process, started like an operator would,
 * spoken to over HTTP and WebSockets.
 */
@NullMarked
package dev.skerry.e2e;

import org.jspecify.annotations.NullMarked;
