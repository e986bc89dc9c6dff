/**
 * What file systems of generated text are made of: proc, sysfs, devpts. Linux: fs/libfs.c,
 * fs/seq_file.c.
 *
 * <p>Lock order: the monitor of an open file is held while its text is made, so it comes before all
 * that the text tells of. No text asks another open file for more than its position; the monitor of
 * a directory is a leaf.
 */
@NullMarked
package dev.skerry.sentry.vfs.synthetic;

import org.jspecify.annotations.NullMarked;
