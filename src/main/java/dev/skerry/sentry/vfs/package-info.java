/**
 * The virtual file system: mounts, dentries, path walk, open file descriptions. Knows no file
 * system, no socket and no task. Linux: fs/namei.c, fs/namespace.c, fs/dcache.c, fs/open.c.
 *
 * <p>File and directory names are strings of Latin-1 characters, one a byte, so that every name
 * that Linux allows survives.
 *
 * <p>Lock order: the rename lock; the monitors of directories' dentries, an upper one before a
 * lower one; then leaf locks: the dentry cache's sequence, the dentry cache, the mount table, an
 * open directory. Directories' monitors alone are held while a file system is asked, and only to
 * make, remove or rename names; an open directory's also while it is listed.
 */
@NullMarked
package dev.skerry.sentry.vfs;

import org.jspecify.annotations.NullMarked;
