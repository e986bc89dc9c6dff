/**
 * Sandboxes from creation to removal: state directories, launcher, control connections, spools,
 * ends, adoption after a restart, deadlines, retention.
 *
 * <p>Counterpart: containerd's shims and its task service. Lock order: a {@code Sandbox}'s
 * persisting lock, then its state lock; {@code ControlConnection}'s credit lock and {@code
 * SpoolWatch}'s lock are leaves. No lock is held while a sentry is waited for.
 */
@NullMarked
package dev.skerry.service.lifecycle;

import org.jspecify.annotations.NullMarked;
