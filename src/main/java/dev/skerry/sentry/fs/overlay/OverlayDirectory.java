package dev.skerry.sentry.fs.overlay;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.fs.overlay.UpperStore.Stored;
import dev.skerry.sentry.vfs.AttributeChange;
import dev.skerry.sentry.vfs.DirectoryEntry;
import dev.skerry.sentry.vfs.FileFlags;
import dev.skerry.sentry.vfs.Inode;
import dev.skerry.sentry.vfs.Owner;
import dev.skerry.sentry.vfs.RenameRules;
import java.lang.ref.SoftReference;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A directory of an overlay: the names of the lower one, if there is one, but for those that were
 * added or hidden. Before names change, the directory is copied up, for its times.
 */
final class OverlayDirectory extends OverlayInode {
  private final Object tree;

  /** Guarded by the tree; so are the methods without a lock of their own. */
  private final Names names = new Names();

  /** Whether there may be names added or hidden; set before the first. */
  private volatile boolean changed;

  /** A name that was just looked for in the lower directory in vain, as before each creation. */
  private volatile String lastMiss = "";

  private volatile SoftReference<List<DirectoryEntry>> lowerEntries = new SoftReference<>(null);

  /** Null after each change. */
  private volatile @Nullable SoftReference<List<DirectoryEntry>> merged;

  OverlayDirectory(
      OverlayFileSystem fileSystem, long number, @Nullable Inode lower, @Nullable Stored upper) {
    super(fileSystem, S_IFDIR, number, lower, upper);
    this.tree = fileSystem.tree();
  }

  /** Guarded by the tree. */
  Names names() {
    return names;
  }

  // Looking

  @Override
  public @Nullable Inode lookup(String name) throws ErrnoException {
    Inode below = lower();
    if (changed || below == null) {
      synchronized (tree) {
        OverlayInode added = names.added(name);
        if (added != null || below == null || names.hides(name) || links() == 0) {
          return added;
        }
      }
    }
    return lookupLower(below, name);
  }

  @Override
  public void expect(List<String> path, boolean opens) throws ErrnoException {
    Inode below = lower();
    if (below == null || path.getFirst().equals(lastMiss)) {
      return;
    }
    if (changed) {
      synchronized (tree) {
        if (names.added(path.getFirst()) != null || names.hides(path.getFirst())) {
          return;
        }
      }
    }
    below.expect(path, opens);
  }

  private @Nullable OverlayInode lookupLower(Inode below, String name) throws ErrnoException {
    if (name.equals(lastMiss)) {
      return null;
    }
    Inode found = below.lookup(name);
    if (found == null) {
      lastMiss = name;
      return null;
    }
    OverlayInode file = overlay().lowerFiles().of(found);
    file.setParent(this);
    return file;
  }

  /** Whether the lower directory has the name, unless it is hidden already. */
  private boolean isInLower(String name) throws ErrnoException {
    Inode below = lower();
    if (below == null) {
      return false;
    }
    synchronized (tree) {
      if (names.hides(name)) {
        return false;
      }
    }
    return lookupLower(below, name) != null;
  }

  @Override
  public List<DirectoryEntry> entries() throws ErrnoException {
    SoftReference<List<DirectoryEntry>> reference = merged;
    List<DirectoryEntry> known = reference == null ? null : reference.get();
    if (known != null) {
      return known;
    }
    List<DirectoryEntry> below = lowerEntries();
    synchronized (tree) {
      List<DirectoryEntry> entries = links() == 0 ? List.of() : names.merge(below);
      merged = new SoftReference<>(entries);
      return entries;
    }
  }

  /** The names of the lower directory, which never change. */
  private List<DirectoryEntry> lowerEntries() throws ErrnoException {
    Inode below = lower();
    if (below == null) {
      return List.of();
    }
    List<DirectoryEntry> known = lowerEntries.get();
    if (known == null) {
      known = below.entries();
      lowerEntries = new SoftReference<>(known);
    }
    return known;
  }

  // Changing names, with the tree's lock held

  /** ENOENT in a directory that is gone; needs no lock. */
  private void checkAlive() throws ErrnoException {
    if (links() == 0) {
      throw ErrnoException.of(Errno.ENOENT);
    }
  }

  /**
   * @param inLower whether the lower directory has it and did not hide it before
   */
  private void checkFree(String name, boolean inLower) throws ErrnoException {
    checkAlive();
    if (names.added(name) != null || (inLower && !names.hides(name))) {
      throw ErrnoException.of(Errno.EEXIST);
    }
  }

  /** What has the name now, if that was {@code found} before in the lower directory. */
  private @Nullable OverlayInode current(String name, @Nullable OverlayInode found) {
    OverlayInode added = names.added(name);
    if (added != null || names.hides(name) || found == null || found.lower() == null) {
      return added;
    }
    return lower() == null ? null : found;
  }

  private void checkIs(String name, OverlayInode file) throws ErrnoException {
    if (current(name, file) != file) {
      throw ErrnoException.of(Errno.ENOENT);
    }
  }

  private void put(String name, OverlayInode file) {
    changed = true;
    merged = null;
    names.put(name, file);
    if (file.isDirectory()) {
      addLinks(1);
    }
  }

  private void take(String name, OverlayInode file) {
    changed = true;
    merged = null;
    names.take(name);
    if (file.isDirectory()) {
      addLinks(-1);
    }
  }

  /** The directory is removed, with what it hides. */
  private void die() {
    clearLinks();
    changed = true;
    merged = null;
    names.clear();
  }

  private void touch() throws ErrnoException {
    present().setAttributes(AttributeChange.ofTimes(AttributeChange.KEEP, OverlayFileSystem.now()));
  }

  // Making

  /** What has to be so before something is made for the name; also copies the directory up. */
  private void prepare(String name) throws ErrnoException {
    copyUp();
    boolean inLower = isInLower(name);
    synchronized (tree) {
      checkFree(name, inLower);
      OverlayFileSystem.checkRoom();
    }
  }

  /** Gives a new file its name, which was {@link #prepare}d. */
  private Inode add(String name, OverlayInode made, int links) throws ErrnoException {
    synchronized (tree) {
      try {
        checkFree(name, false);
      } catch (ErrnoException e) {
        made.removeIfUnused();
        throw e;
      }
      put(name, made);
      made.addLinks(links);
    }
    touch();
    return made;
  }

  private OverlayInode inodeOf(Stored made) throws ErrnoException {
    OverlayFileSystem overlay = overlay();
    inherit(made);
    return new OverlayInode(overlay, made.inode().type(), overlay.nextNumber(), null, made);
  }

  private void inherit(Stored made) throws ErrnoException {
    int inherited = flags() & FileFlags.INHERITED;
    if (inherited != 0) {
      made.inode().setFlags(inherited);
    }
  }

  @Override
  public Inode create(String name, int mode, Owner owner) throws ErrnoException {
    prepare(name);
    return add(name, inodeOf(overlay().store().regular(mode, owner)), 1);
  }

  @Override
  public Inode mkdir(String name, int mode, Owner owner) throws ErrnoException {
    prepare(name);
    Stored made = overlay().store().directory(mode, owner);
    inherit(made);
    return add(name, new OverlayDirectory(overlay(), overlay().nextNumber(), null, made), 2);
  }

  @Override
  public Inode mknod(String name, int mode, long rdev, Owner owner) throws ErrnoException {
    prepare(name);
    return add(name, inodeOf(overlay().store().node(mode, rdev, owner)), 1);
  }

  @Override
  public Inode symlink(String name, String target, Owner owner) throws ErrnoException {
    prepare(name);
    return add(name, inodeOf(overlay().store().symlink(target, owner)), 1);
  }

  @Override
  public Inode createTemporary(int mode, Owner owner) throws ErrnoException {
    checkAlive();
    OverlayInode made = inodeOf(overlay().store().regular(mode, owner));
    made.setLinkable();
    return made;
  }

  /** The data stay where they are, even in the lower layer. */
  @Override
  public void link(String name, Inode file) throws ErrnoException {
    OverlayInode target = (OverlayInode) file;
    prepare(name);
    target.countLinks();
    synchronized (tree) {
      checkFree(name, false);
      if (target.links() == 0 && !target.isLinkable()) {
        throw ErrnoException.of(Errno.ENOENT);
      }
      put(name, target);
      target.addLinks(1);
    }
    target.touchChanged();
    touch();
  }

  // Removing

  @Override
  public void unlink(String name, Inode file) throws ErrnoException {
    OverlayInode removed = (OverlayInode) file;
    if (removed.isDirectory()) {
      throw ErrnoException.of(Errno.EISDIR);
    }
    copyUp();
    removed.countLinks();
    synchronized (tree) {
      checkIs(name, removed);
      OverlayFileSystem.checkRoom();
      take(name, removed);
      removed.addLinks(-1);
    }
    removed.touchChanged();
    removed.removeIfUnused();
    touch();
  }

  @Override
  public void rmdir(String name, Inode directory) throws ErrnoException {
    if (!(directory instanceof OverlayDirectory removed)) {
      throw ErrnoException.of(Errno.ENOTDIR);
    }
    copyUp();
    List<DirectoryEntry> below = removed.lowerEntries();
    synchronized (tree) {
      checkIs(name, removed);
      if (!removed.names.isEmpty(below)) {
        throw ErrnoException.of(Errno.ENOTEMPTY);
      }
      OverlayFileSystem.checkRoom();
      take(name, removed);
      removed.die();
    }
    removed.removeIfUnused();
    touch();
  }

  /**
   * Moves the inode with its lower file: no data are copied, and a directory keeps its lower part.
   * The directories are copied up, and what moves too unless it is a regular file, for the change
   * time.
   */
  @Override
  public void rename(
      String name,
      Inode file,
      Inode newDirectory,
      String newName,
      @Nullable Inode replaced,
      int flags)
      throws ErrnoException {
    OverlayDirectory target = (OverlayDirectory) newDirectory;
    OverlayInode moved = (OverlayInode) file;
    copyUp();
    target.copyUp();
    if (!moved.isRegular()) {
      moved.copyUp();
    }
    OverlayInode found = (OverlayInode) (replaced != null ? replaced : target.lookup(newName));
    if (found != null) {
      found.countLinks();
    }
    List<DirectoryEntry> below =
        found instanceof OverlayDirectory directory ? directory.lowerEntries() : List.of();
    OverlayInode gone;
    synchronized (tree) {
      checkIs(name, moved);
      target.checkAlive();
      OverlayInode present = target.current(newName, found);
      if (present == moved && (flags & RenameRules.RENAME_NOREPLACE) == 0) {
        return;
      }
      if (present != found && present instanceof OverlayDirectory directory) {
        below = directory.lowerEntries();
      }
      boolean filled =
          present instanceof OverlayDirectory directory && !directory.names.isEmpty(below);
      RenameRules.check(moved, present, filled, flags);
      OverlayFileSystem.checkRoom();
      gone = move(name, moved, target, newName, present, flags);
    }
    moved.touchChanged();
    if (gone != null) {
      gone.touchChanged();
      gone.removeIfUnused();
    }
    touch();
    target.touch();
  }

  /** Renames; returns what had the new name. */
  private @Nullable OverlayInode move(
      String name,
      OverlayInode moved,
      OverlayDirectory target,
      String newName,
      @Nullable OverlayInode present,
      int flags) {
    if (present != null) {
      target.take(newName, present);
    }
    take(name, moved);
    target.put(newName, moved);
    if (present == null) {
      return null;
    }
    if ((flags & RenameRules.RENAME_EXCHANGE) != 0) {
      put(name, present);
    } else if (present instanceof OverlayDirectory directory) {
      directory.die();
    } else {
      present.addLinks(-1);
    }
    return present;
  }
}
