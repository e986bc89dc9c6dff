/**
 * Files that tell what happens to other files (inotify(7)). Linux: fs/notify/inotify.
 *
 * <p>Lock order: an {@link dev.skerry.sentry.fs.inotify.InotifyFile}'s monitor is taken with the
 * locks of names held, since that is where things happen; inside it only those of inodes' watches
 * and of wait queues.
 */
@NullMarked
package dev.skerry.sentry.fs.inotify;

import org.jspecify.annotations.NullMarked;
