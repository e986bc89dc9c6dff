package dev.skerry.sentry.fs.overlay;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.fs.overlay.UpperStore.Stored;
import dev.skerry.sentry.usermem.ArrayBuffer;
import dev.skerry.sentry.vfs.AttributeChange;
import dev.skerry.sentry.vfs.Inode;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.OpenFlags;
import dev.skerry.sentry.vfs.Owner;
import dev.skerry.sentry.vfs.Stat;

/**
 * Makes the upper file of a lower one, with all that belongs to it. Linux: fs/overlayfs/copy_up.c.
 */
final class CopyUp {
  private static final int PIECE = 65536;
  private static final int SEEK_DATA = 3;
  private static final int SEEK_HOLE = 4;
  private static final int PERMISSIONS = 07777;

  private final OverlayFileSystem fileSystem;
  private final Inode lower;

  CopyUp(OverlayFileSystem fileSystem, Inode lower) {
    this.fileSystem = fileSystem;
    this.lower = lower;
  }

  /**
   * Copies, all or nothing.
   *
   * @param most how many bytes of the content are wanted
   */
  Stored run(long most) throws ErrnoException {
    Stat attributes = lower.stat();
    Stored made = make(attributes);
    try {
      if (lower.isRegular()) {
        copyData(made.inode(), Math.min(most, attributes.size()));
      }
      copyXattrs(made.inode());
      made.inode().setFlags(lower.flags());
      int mode = lower.isSymlink() ? -1 : attributes.mode() & PERMISSIONS;
      made.inode()
          .setAttributes(
              new AttributeChange(
                  mode, -1, -1, AttributeChange.KEEP, attributes.atime(), attributes.mtime()));
      return made;
    } catch (ErrnoException | RuntimeException e) {
      fileSystem.store().remove(made);
      throw e;
    }
  }

  private Stored make(Stat attributes) throws ErrnoException {
    UpperStore store = fileSystem.store();
    Owner owner = new Owner(attributes.uid(), attributes.gid());
    return switch (lower.type()) {
      case Inode.S_IFREG -> store.regular(0, owner);
      case Inode.S_IFDIR -> store.directory(0, owner);
      case Inode.S_IFLNK -> store.symlink(lower.readlink(), owner);
      default -> store.node(lower.type(), attributes.rdev(), owner);
    };
  }

  private void copyXattrs(Inode upper) throws ErrnoException {
    for (String name : lower.listXattr()) {
      try {
        upper.setXattr(name, lower.getXattr(name), 0);
      } catch (ErrnoException e) {
        // Gone meanwhile, or of a class that the upper layer does not have (ACLs).
        if (e.errno() != Errno.ENODATA && e.errno() != Errno.EOPNOTSUPP) {
          throw e;
        }
      }
    }
  }

  /**
   * In pieces: hosts copy by themselves only within one file system, and the upper one is a memfd.
   */
  private void copyData(Inode upper, long size) throws ErrnoException {
    if (size == 0) {
      return;
    }
    OpenFileDescription from = lower.open(fileSystem.lowerPlace(lower), OpenFlags.O_RDONLY);
    try {
      OpenFileDescription to = upper.open(fileSystem.upperPlace(upper), OpenFlags.O_WRONLY);
      try {
        copyPieces(from, to, size);
        ErrnoException.check(to.truncate(size));
      } finally {
        to.drop();
      }
    } finally {
      from.drop();
    }
  }

  /** Holes stay holes. */
  private static void copyPieces(OpenFileDescription from, OpenFileDescription to, long size)
      throws ErrnoException {
    byte[] piece = new byte[(int) Math.min(size, PIECE)];
    long offset = from.seek(0, SEEK_DATA);
    while (offset >= 0 && offset < size) {
      long hole = from.seek(offset, SEEK_HOLE);
      long end = hole < 0 ? size : Math.min(hole, size);
      copyRange(from, to, offset, end, piece);
      offset = from.seek(end, SEEK_DATA);
    }
    if (offset < 0 && offset != -Errno.ENXIO) {
      throw ErrnoException.of((int) -offset);
    }
  }

  private static void copyRange(
      OpenFileDescription from, OpenFileDescription to, long start, long end, byte[] piece)
      throws ErrnoException {
    long offset = start;
    while (offset < end) {
      int wanted = (int) Math.min(piece.length, end - offset);
      ArrayBuffer target = new ArrayBuffer(piece, 0, wanted);
      int read = (int) ErrnoException.check(from.pread(target, offset));
      if (read == 0) {
        return;
      }
      int written = 0;
      while (written < read) {
        ArrayBuffer source = new ArrayBuffer(piece, written, read - written);
        written += (int) ErrnoException.check(to.pwrite(source, offset + written));
      }
      offset += read;
    }
  }
}
