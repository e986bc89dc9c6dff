package dev.skerry.sentry.fs.overlay;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.vfs.AttributeChange;
import dev.skerry.sentry.vfs.DirectoryEntry;
import dev.skerry.sentry.vfs.Inode;
import dev.skerry.sentry.vfs.Owner;
import dev.skerry.sentry.vfs.Stat;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Puts what a guest's overlay has changed into its upper directory, in the form of Linux's, when
 * the overlay ends: files under their names, whiteouts, opaque directories. Nobody uses the overlay
 * any more.
 */
final class WriteBack {
  private static final int PERMISSIONS = 07777;
  private static final int PRIVATE = 0700;
  private static final Owner ROOT = new Owner(0, 0);
  private static final byte[] YES = "y".getBytes(StandardCharsets.ISO_8859_1);

  /** So that no tree of a guest's is too deep for the stack. */
  private static final int MOST_DEPTH = 256;

  private final LowerFiles lowerFiles;
  private int depth;

  WriteBack(LowerFiles lowerFiles) {
    this.lowerFiles = lowerFiles;
  }

  /**
   * Writes a directory's changes.
   *
   * @param to its place in the upper layer
   * @param whole whether the lower files are not below that place, and must be copied
   */
  void write(OverlayDirectory from, Inode to, boolean whole) throws ErrnoException {
    enter();
    Inode lower = from.lower();
    LowerUnion below = lower instanceof LowerUnion union ? union.belowUpper() : null;
    for (String name : from.names().hidden()) {
      remove(to, name);
      if (!whole && below != null && below.lookup(name) != null) {
        to.mknod(name, Inode.S_IFCHR, 0, ROOT);
      }
    }
    for (Map.Entry<String, OverlayInode> entry : from.names().added().entrySet()) {
      String name = entry.getKey();
      boolean covers = !whole && below != null && below.lookup(name) != null;
      add(entry.getValue(), to, name, covers);
    }
    if (lower != null) {
      for (DirectoryEntry entry : lower.entries()) {
        writeLower(from, lower, to, entry.name(), whole);
      }
    }
    copyAttributes(from, to);
    depth--;
  }

  private void enter() throws ErrnoException {
    if (++depth > MOST_DEPTH) {
      throw ErrnoException.of(Errno.ENAMETOOLONG);
    }
  }

  /** A name that the overlay gave. */
  private void add(OverlayInode file, Inode to, String name, boolean covers) throws ErrnoException {
    if (!(file instanceof OverlayDirectory directory)) {
      place(file, to, name);
      return;
    }
    remove(to, name);
    Inode target = to.mkdir(name, PRIVATE, ROOT);
    if (covers) {
      target.setXattr(LowerUnion.OPAQUE, YES, 0);
    }
    write(directory, target, directory.lower() != null);
  }

  /** A name of the lower directory that may still be its. */
  private void writeLower(OverlayDirectory from, Inode lower, Inode to, String name, boolean whole)
      throws ErrnoException {
    if (from.names().hides(name) || from.names().added(name) != null) {
      return;
    }
    Inode found = lower.lookup(name);
    OverlayInode known =
        found == null ? null : whole ? lowerFiles.of(found) : lowerFiles.known(found);
    if (known == null || !(whole || known.isTouched())) {
      return;
    }
    if (!(known instanceof OverlayDirectory directory)) {
      place(known, to, name);
      return;
    }
    Inode present = to.lookup(name);
    Inode target = present != null ? present : to.mkdir(name, PRIVATE, ROOT);
    write(directory, target, whole);
  }

  private void place(OverlayInode file, Inode to, String name) throws ErrnoException {
    Inode data = file.copyUp();
    Inode present = to.lookup(name);
    if (present == null || !present.equals(data)) {
      remove(to, name);
      to.link(name, data);
    }
  }

  private static void copyAttributes(OverlayDirectory from, Inode to) throws ErrnoException {
    Inode present = from.present();
    if (present.equals(to)) {
      return;
    }
    Stat stat = present.stat();
    for (String name : present.listXattr()) {
      to.setXattr(name, present.getXattr(name), 0);
    }
    to.setAttributes(AttributeChange.ofOwner(stat.uid(), stat.gid(), stat.mode() & PERMISSIONS));
    to.setAttributes(AttributeChange.ofTimes(stat.atime(), stat.mtime()));
  }

  /** Takes a name out, if it is there, with all below. */
  void remove(Inode directory, String name) throws ErrnoException {
    Inode file = directory.lookup(name);
    if (file == null) {
      return;
    }
    if (!file.isDirectory()) {
      directory.unlink(name, file);
      return;
    }
    enter();
    for (DirectoryEntry entry : file.entries()) {
      remove(file, entry.name());
    }
    depth--;
    directory.rmdir(name, file);
  }
}
