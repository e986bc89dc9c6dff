package dev.skerry.sentry.fs.overlay;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.fs.overlay.UpperStore.Stored;
import dev.skerry.sentry.vfs.AttributeChange;
import dev.skerry.sentry.vfs.FileSystem;
import dev.skerry.sentry.vfs.Inode;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.Stat;
import dev.skerry.sentry.vfs.VfsPath;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A file of an overlay: a lower file, or an upper one, or the first that became the second by a
 * copy-up. Its number stays the same.
 */
class OverlayInode extends Inode {
  /** {@link #links} when nothing changed the number of the lower file. */
  private static final int LOWER_LINKS = -1;

  private static final AttributeChange CHANGE_TIME =
      AttributeChange.ofTimes(AttributeChange.KEEP, AttributeChange.KEEP);

  private final OverlayFileSystem fileSystem;
  private final int type;
  private final long number;
  private final @Nullable Inode lower;
  private final Object copyLock = new Object();
  private volatile @Nullable Stored upper;

  /** Changed with the tree's lock held. */
  private volatile int links;

  /** Where the lower file was last found; for {@link #isTouched} of the directory. */
  private volatile @Nullable OverlayDirectory parent;

  /** Whether this or something below differs from the lower files. */
  private volatile boolean touched;

  private LowerFiles.@Nullable Place place;

  @GuardedBy("this")
  private int users;

  /** The upper file is not in the store any more. */
  @GuardedBy("this")
  private boolean removed;

  /** It may get a name although it has none (O_TMPFILE). */
  private volatile boolean linkable;

  /** At least one of {@code lower} and {@code upper} is not null. */
  OverlayInode(
      OverlayFileSystem fileSystem,
      int type,
      long number,
      @Nullable Inode lower,
      @Nullable Stored upper) {
    this.fileSystem = fileSystem;
    this.type = type;
    this.number = number;
    this.lower = lower;
    this.upper = upper;
    this.links = lower == null ? 0 : LOWER_LINKS;
  }

  @Override
  public final FileSystem fileSystem() {
    return fileSystem;
  }

  final OverlayFileSystem overlay() {
    return fileSystem;
  }

  @Override
  public final int type() {
    return type;
  }

  final long number() {
    return number;
  }

  final @Nullable Inode lower() {
    return lower;
  }

  /** Says where the lower file is known; before anybody else sees this. */
  final void setPlace(LowerFiles.Place newPlace) {
    place = newPlace;
  }

  final void setParent(OverlayDirectory directory) {
    parent = directory;
  }

  final boolean isTouched() {
    return touched;
  }

  private void touchAll() {
    for (OverlayInode at = this; at != null && !at.touched; at = at.parent) {
      at.touched = true;
    }
  }

  final boolean isCopiedUp() {
    return upper != null;
  }

  /** The file that has content and attributes now. */
  final Inode present() {
    Stored copied = upper;
    return copied != null ? copied.inode() : Objects.requireNonNull(lower);
  }

  @Override
  public final Stat stat() throws ErrnoException {
    Stat from = present().stat();
    int count = links;
    return new Stat(
        fileSystem.device(),
        number,
        from.mode(),
        count == LOWER_LINKS ? from.nlink() : count,
        from.uid(),
        from.gid(),
        from.rdev(),
        from.size(),
        from.blksize(),
        from.blocks(),
        from.atime(),
        from.mtime(),
        from.ctime(),
        from.btime());
  }

  // Links and users

  final int links() {
    return links;
  }

  /** Takes over the number of links from the lower file, so that it can be changed. */
  final void countLinks() throws ErrnoException {
    if (links == LOWER_LINKS) {
      int count = Objects.requireNonNull(lower).stat().nlink();
      synchronized (fileSystem.tree()) {
        if (links == LOWER_LINKS) {
          links = count;
        }
      }
    }
  }

  /** The tree's lock is held, and links are counted. */
  final void addLinks(int more) {
    // Some host file systems do not count subdirectories, and say 1.
    if (type == S_IFDIR && links == 1) {
      return;
    }
    int sum = links + more;
    links = sum;
    if (sum > 0) {
      keep();
    }
  }

  /** The directory is gone. The tree's lock is held. */
  final void clearLinks() {
    links = 0;
  }

  final void setLinkable() {
    linkable = true;
  }

  final boolean isLinkable() {
    return linkable;
  }

  private void keep() {
    if (place != null) {
      fileSystem.lowerFiles().keep(place, this);
    }
  }

  /** Frees what is stored once there are neither names nor users. */
  final void removeIfUnused() {
    if (links != 0) {
      return;
    }
    if (place != null) {
      fileSystem.lowerFiles().letGo(place);
    }
    Stored unused;
    synchronized (this) {
      unused = upper;
      if (users > 0 || removed || unused == null) {
        return;
      }
      removed = true;
    }
    fileSystem.store().remove(unused);
  }

  final void left() {
    synchronized (this) {
      users--;
    }
    removeIfUnused();
  }

  @Override
  public OpenFileDescription open(VfsPath path, int flags) throws ErrnoException {
    synchronized (this) {
      if (removed) {
        throw ErrnoException.of(Errno.ENOENT);
      }
      users++;
    }
    try {
      return new OverlayFile(this, path, flags);
    } catch (ErrnoException e) {
      left();
      throw e;
    }
  }

  // Copying up

  final Inode copyUp() throws ErrnoException {
    return copyUp(Long.MAX_VALUE);
  }

  /**
   * Makes the upper file, unless there is one. Others see the lower one until it is complete.
   *
   * @param most how many bytes of the content are wanted
   */
  private Inode copyUp(long most) throws ErrnoException {
    Stored copied = upper;
    if (copied != null) {
      return copied.inode();
    }
    synchronized (copyLock) {
      copied = upper;
      if (copied != null) {
        return copied.inode();
      }
      countLinks();
      copied = new CopyUp(fileSystem, Objects.requireNonNull(lower)).run(most);
      if (links > 0) {
        keep();
      }
      upper = copied;
      touchAll();
    }
    removeIfUnused();
    return copied.inode();
  }

  // What an upper file can do

  @Override
  public final boolean hasFlags() {
    return type == S_IFREG || type == S_IFDIR;
  }

  @Override
  public final int flags() {
    return present().flags();
  }

  @Override
  public final void setFlags(int flags) throws ErrnoException {
    copyUp().setFlags(flags);
  }

  @Override
  public final void setAttributes(AttributeChange change) throws ErrnoException {
    boolean resizes = change.size() != AttributeChange.KEEP;
    copyUp(resizes ? change.size() : Long.MAX_VALUE).setAttributes(change);
  }

  /** Sets the change time of an upper file; that of a lower one stays. */
  final void touchChanged() throws ErrnoException {
    Stored copied = upper;
    if (copied != null) {
      copied.inode().setAttributes(CHANGE_TIME);
    }
  }

  @Override
  public final String readlink() throws ErrnoException {
    return present().readlink();
  }

  @Override
  public final byte[] getXattr(String name) throws ErrnoException {
    return present().getXattr(name);
  }

  @Override
  public final void setXattr(String name, byte[] value, int flags) throws ErrnoException {
    copyUp().setXattr(name, value, flags);
  }

  @Override
  public final void removeXattr(String name) throws ErrnoException {
    copyUp().removeXattr(name);
  }

  @Override
  public final List<String> listXattr() throws ErrnoException {
    return present().listXattr();
  }
}
