package dev.skerry.sentry.vfs;

import org.jspecify.annotations.Nullable;

/**
 * Where a magic link leads: to a place in the tree, or to an open file without one, or both for an
 * open file that has a place.
 *
 * @param path null for a pipe, a socket and their like
 * @param file null for links as /proc/PID/cwd; holds a reference that the receiver drops
 */
public record MagicTarget(@Nullable VfsPath path, @Nullable OpenFileDescription file) {}
