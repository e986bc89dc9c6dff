/**
 * The gofer's files as a file system. Linux: fs/fuse, fs/9p.
 *
 * <p>Inodes are canonical by the host's device and inode number. Data moves through descriptors
 * that the gofer has donated, which are kept for a while after the last close; so a file that was
 * open before is read and written without a message. Messages are sent without locks, but for the
 * lock of a directory that is being listed.
 *
 * <p>Lock order: an inode (writes, listing), then the inode cache, then one of: the donated files,
 * an inode's reference (its open descriptions), its attributes, the connection.
 */
@NullMarked
package dev.skerry.sentry.fs.gofer;

import org.jspecify.annotations.NullMarked;
