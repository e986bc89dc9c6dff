package dev.skerry.sentry.fs.tmpfs;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.vfs.DirectoryEntry;
import dev.skerry.sentry.vfs.FileSeals;
import dev.skerry.sentry.vfs.Inode;
import dev.skerry.sentry.vfs.MemoryAccount;
import dev.skerry.sentry.vfs.Owner;
import dev.skerry.sentry.vfs.RenameRules;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A directory; names stay in the order of their making. */
final class TmpfsDirectory extends TmpfsInode {
  /** What the size counts for a name (BOGO_DIRENT_SIZE of mm/shmem.c). */
  private static final int ENTRY_SIZE = 20;

  /** About what a name takes on the heap, besides its characters. */
  private static final int NAME_BYTES = 128;

  private static final int TYPE_SHIFT = 12;

  private final Object tree;

  // Guarded by the tree, which is one for all directories; so are the methods without a lock of
  // their own.
  private final Map<String, TmpfsInode> children = new LinkedHashMap<>();

  private volatile int count;

  private TmpfsDirectory(TmpfsFileSystem fileSystem, int mode, Owner owner) throws ErrnoException {
    super(fileSystem, S_IFDIR | mode, owner);
    this.tree = fileSystem.tree();
  }

  static TmpfsDirectory root(TmpfsFileSystem fileSystem, int mode, Owner owner)
      throws ErrnoException {
    TmpfsDirectory root = new TmpfsDirectory(fileSystem, mode, owner);
    root.addLinks(2);
    return root;
  }

  @Override
  long size() {
    return (2L + count) * ENTRY_SIZE;
  }

  @Override
  public @Nullable Inode lookup(String name) {
    synchronized (tree) {
      return children.get(name);
    }
  }

  @Override
  public List<DirectoryEntry> entries() {
    touchAccessed();
    synchronized (tree) {
      List<DirectoryEntry> entries = new ArrayList<>(children.size());
      for (Map.Entry<String, TmpfsInode> child : children.entrySet()) {
        TmpfsInode file = child.getValue();
        entries.add(new DirectoryEntry(child.getKey(), file.number(), file.type() >>> TYPE_SHIFT));
      }
      return entries;
    }
  }

  /** EEXIST, or ENOENT in a directory that is gone. */
  private void checkFree(String name) throws ErrnoException {
    checkAlive();
    if (children.containsKey(name)) {
      throw ErrnoException.of(Errno.EEXIST);
    }
  }

  private void checkAlive() throws ErrnoException {
    if (links() == 0) {
      throw ErrnoException.of(Errno.ENOENT);
    }
  }

  private static void takeName(String name) throws ErrnoException {
    if (!MemoryAccount.RECORDS.takeAll(NAME_BYTES + name.length())) {
      throw ErrnoException.of(Errno.ENOSPC);
    }
  }

  private static void giveName(String name) {
    MemoryAccount.RECORDS.give(NAME_BYTES + name.length());
  }

  /** Gives a new file its name, or drops it again if that is not possible. */
  private Inode add(String name, int links, TmpfsInode made) throws ErrnoException {
    synchronized (tree) {
      try {
        checkFree(name);
        takeName(name);
      } catch (ErrnoException e) {
        made.discard();
        throw e;
      }
      made.addLinks(links);
      made.inheritFlags(this);
      put(name, made);
      touchModified();
      return made;
    }
  }

  private void put(String name, TmpfsInode file) {
    children.put(name, file);
    count = children.size();
    if (file.isDirectory()) {
      addLinks(1);
    }
  }

  private void take(String name, TmpfsInode file) {
    children.remove(name);
    count = children.size();
    if (file.isDirectory()) {
      addLinks(-1);
    }
  }

  @Override
  public Inode create(String name, int mode, Owner owner) throws ErrnoException {
    return add(name, 1, regular(mode, owner, false));
  }

  @Override
  public Inode mkdir(String name, int mode, Owner owner) throws ErrnoException {
    return add(name, 2, new TmpfsDirectory(tmpfs(), mode, owner));
  }

  @Override
  public Inode mknod(String name, int mode, long rdev, Owner owner) throws ErrnoException {
    if ((mode & S_IFMT) == S_IFREG) {
      return create(name, mode & ~S_IFMT, owner);
    }
    return add(name, 1, new TmpfsSpecial(tmpfs(), mode, rdev, owner));
  }

  @Override
  public Inode symlink(String name, String target, Owner owner) throws ErrnoException {
    return add(name, 1, TmpfsSymlink.create(tmpfs(), target, owner));
  }

  @Override
  public Inode createTemporary(int mode, Owner owner) throws ErrnoException {
    TmpfsRegular made = regular(mode, owner, true);
    made.inheritFlags(this);
    return made;
  }

  private TmpfsRegular regular(int mode, Owner owner, boolean linkable) throws ErrnoException {
    return new TmpfsRegular(tmpfs(), S_IFREG | mode, owner, linkable, FileSeals.F_SEAL_SEAL);
  }

  @Override
  public void link(String name, Inode file) throws ErrnoException {
    TmpfsInode target = (TmpfsInode) file;
    synchronized (tree) {
      checkFree(name);
      boolean nameless = target.links() == 0;
      if (nameless && !(target instanceof TmpfsRegular regular && regular.isLinkable())) {
        throw ErrnoException.of(Errno.ENOENT);
      }
      takeName(name);
      try {
        // Like Linux, count each further name as an inode, as it takes memory too.
        if (!nameless) {
          tmpfs().inodeTaken();
        }
      } catch (ErrnoException e) {
        giveName(name);
        throw e;
      }
      target.addLinks(1);
      put(name, target);
      touchModified();
    }
  }

  private void checkIs(String name, Inode file) throws ErrnoException {
    if (children.get(name) != file) {
      throw ErrnoException.of(Errno.ENOENT);
    }
  }

  @Override
  public void unlink(String name, Inode file) throws ErrnoException {
    synchronized (tree) {
      checkIs(name, file);
      if (file.isDirectory()) {
        throw ErrnoException.of(Errno.EISDIR);
      }
      remove(name, (TmpfsInode) file);
      touchModified();
    }
  }

  @Override
  public void rmdir(String name, Inode directory) throws ErrnoException {
    synchronized (tree) {
      checkIs(name, directory);
      if (!(directory instanceof TmpfsDirectory removed)) {
        throw ErrnoException.of(Errno.ENOTDIR);
      }
      if (!removed.children.isEmpty()) {
        throw ErrnoException.of(Errno.ENOTEMPTY);
      }
      remove(name, removed);
      touchModified();
    }
  }

  /** Takes out a name for good, with all links that go with it. */
  private void remove(String name, TmpfsInode file) {
    take(name, file);
    giveName(name);
    if (!file.isDirectory() && file.links() > 1) {
      tmpfs().inodeFreed();
    }
    file.addLinks(file.isDirectory() ? -2 : -1);
  }

  @Override
  public void rename(
      String name,
      Inode file,
      Inode newDirectory,
      String newName,
      @Nullable Inode replaced,
      int flags)
      throws ErrnoException {
    TmpfsDirectory target = (TmpfsDirectory) newDirectory;
    TmpfsInode moved = (TmpfsInode) file;
    synchronized (tree) {
      checkIs(name, file);
      target.checkAlive();
      TmpfsInode present = target.children.get(newName);
      if (present == moved && (flags & RenameRules.RENAME_NOREPLACE) == 0) {
        return;
      }
      boolean filled = present instanceof TmpfsDirectory other && other.count > 0;
      RenameRules.check(moved, present, filled, flags);
      if ((flags & RenameRules.RENAME_EXCHANGE) != 0 && present != null) {
        exchange(name, moved, target, newName, present);
      } else {
        move(name, moved, target, newName, present);
      }
      moved.touchChanged();
      touchModified();
      target.touchModified();
    }
  }

  private void exchange(
      String name, TmpfsInode moved, TmpfsDirectory target, String newName, TmpfsInode present) {
    take(name, moved);
    target.take(newName, present);
    put(name, present);
    target.put(newName, moved);
    present.touchChanged();
  }

  private void move(
      String name,
      TmpfsInode moved,
      TmpfsDirectory target,
      String newName,
      @Nullable TmpfsInode present)
      throws ErrnoException {
    takeName(newName);
    if (present != null) {
      target.remove(newName, present);
    }
    take(name, moved);
    giveName(name);
    target.put(newName, moved);
  }

  /** Frees all that is below, and this. The tree's lock is held. */
  void releaseTree() {
    ArrayDeque<TmpfsInode> left = new ArrayDeque<>();
    left.add(this);
    while (!left.isEmpty()) {
      TmpfsInode file = left.remove();
      if (file instanceof TmpfsDirectory directory) {
        for (Map.Entry<String, TmpfsInode> child : directory.children.entrySet()) {
          giveName(child.getKey());
          left.add(child.getValue());
        }
        directory.children.clear();
      }
      file.discard();
    }
  }
}
