/**
 * Puts a sandbox's sentry together, confines it, and serves the control socket.
 *
 * <p>Lock order: a {@link Sandbox}, then what the kernel has. A {@link ControlConnection}'s and the
 * {@link Spool}'s locks are leaves.
 */
@NullMarked
package dev.skerry.sentry.boot;

import org.jspecify.annotations.NullMarked;
