/**
 * Checked encoding of messages that cross a trust boundary: between service and sentry, and between
 * sentry and gofer.
 *
 * <p>All integers are little-endian. Variable parts carry a 32-bit length and are bounded by the
 * reader, never by the peer. Nothing here allocates more than the caller's bound.
 */
@NullMarked
package dev.skerry.wire;

import org.jspecify.annotations.NullMarked;
