/**
 * Files in memory: tmpfs, and the nameless files of memfd_create(2). Names and attributes are on
 * the heap, bounded by {@link dev.skerry.sentry.vfs.MemoryAccount#RECORDS}; the data of each
 * regular file lie in a file of the host's memory. Linux: mm/shmem.c, mm/memfd.c.
 *
 * <p>Lock order: the tree of a file system (names, link counts), then a file's {@link
 * dev.skerry.sentry.fs.tmpfs.Content} (held over writes), then the monitor of an inode
 * (attributes), then memory accounts. A description's position comes before all of them.
 */
@NullMarked
package dev.skerry.sentry.fs.tmpfs;

import org.jspecify.annotations.NullMarked;
