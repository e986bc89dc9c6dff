/**
 * The virtual file system: mounts, dentries, path walk, open file descriptions. Knows no file system,
 * no socket and no task. Linux: fs/namei.c, fs/namespace.c, fs/dcache.c, fs/open.c.
 *
 * <p>File and directory names are strings of Latin-1 characters, one a byte, so that every name that
 * Linux allows survives.
 */
@NullMarked
package dev.skerry.sentry.vfs;

import org.jspecify.annotations.NullMarked;
