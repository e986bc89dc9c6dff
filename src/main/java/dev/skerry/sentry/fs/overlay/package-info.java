/**
 * A writable view of a directory, or of a single file, that is never written itself. Names,
 * removals and links are the overlay's own records; what was changed is stored, under numbers
 * instead of names, in a directory of another file system, the upper one. So a name moves without
 * its data, and a merged directory keeps its lower part wherever it goes. It lives no longer than
 * the sandbox. Linux: fs/overlayfs.
 *
 * <p>Lock order: the copy-up lock of a file (held while its data are copied), then the tree of an
 * overlay (names and links; never held over calls to the lower layer, but for a directory that was
 * replaced in the meantime), then an inode's monitor (users), then the map of lower files; then
 * what the layers have.
 */
@NullMarked
package dev.skerry.sentry.fs.overlay;

import org.jspecify.annotations.NullMarked;
