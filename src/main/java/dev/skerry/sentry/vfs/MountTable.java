package dev.skerry.sentry.vfs;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What is mounted where, in every tree of the sandbox. Its monitor guards all changes; a walk looks
 * without it. Linux: fs/namespace.c.
 */
final class MountTable {
  /** Linux's fs.mount-max: so that a guest cannot fill the heap with mounts. */
  private static final int MOST = 10_000;

  private final ConcurrentHashMap<VfsPath, Mount> byPoint = new ConcurrentHashMap<>();
  private final Mount placeless;

  // Guarded by this; in the order of their making.
  private final List<Mount> all = new ArrayList<>();
  private int lastId;

  MountTable() {
    FileSystem fileSystem = PlacelessFileSystem.INSTANCE;
    placeless = new Mount(0, fileSystem, rootOf(fileSystem), "none", 0);
  }

  /** A place for an open file that has none, so that it can be asked like others. */
  VfsPath placeOf(OpenFileDescription file) throws ErrnoException {
    return new VfsPath(placeless, PlacelessFileSystem.dentryOf(file));
  }

  /** The mount at a place, or null. */
  @Nullable Mount at(Mount mount, Dentry dentry) {
    return byPoint.get(new VfsPath(mount, dentry));
  }

  VfsPath topOf(VfsPath path) {
    VfsPath top = path;
    while (top.dentry().isMountPoint()) {
      Mount over = byPoint.get(top);
      if (over == null) {
        break;
      }
      top = new VfsPath(over, over.root());
    }
    return top;
  }

  private static Dentry rootOf(FileSystem fileSystem) {
    synchronized (fileSystem) {
      Dentry root = fileSystem.rootDentry;
      if (root == null) {
        root = new Dentry(null, "/", fileSystem.root());
        fileSystem.rootDentry = root;
      }
      return root;
    }
  }

  /** A mount that is the root of a tree. */
  synchronized Mount addRoot(FileSystem fileSystem, int flags) {
    return make(fileSystem, rootOf(fileSystem), fileSystem.source(), flags);
  }

  private Mount make(FileSystem fileSystem, Dentry root, String source, int flags) {
    Mount mount = new Mount(++lastId, fileSystem, root, source, flags);
    fileSystem.used();
    all.add(mount);
    return mount;
  }

  /** Mounts a file system over whatever is at the place already. */
  synchronized Mount add(VfsPath point, FileSystem fileSystem, String source, int flags)
      throws ErrnoException {
    return add(point, fileSystem, rootOf(fileSystem), source, flags);
  }

  private Mount add(VfsPath point, FileSystem fileSystem, Dentry root, String source, int flags)
      throws ErrnoException {
    VfsPath top = topOf(point);
    if (top.dentry().isDeleted()) {
      throw ErrnoException.of(Errno.ENOENT);
    }
    if (root.inode().isDirectory() != top.inode().isDirectory()) {
      throw ErrnoException.of(Errno.ENOTDIR);
    }
    if (all.size() >= MOST) {
      throw ErrnoException.of(Errno.ENOSPC);
    }
    Mount mount = make(fileSystem, root, source, flags);
    attach(mount, top);
    return mount;
  }

  @SuppressWarnings("NonAtomicVolatileUpdate")
  private void attach(Mount mount, VfsPath point) {
    mount.setPoint(point);
    byPoint.put(point, mount);
    point.dentry().mounts++;
  }

  @SuppressWarnings("NonAtomicVolatileUpdate")
  private void detach(Mount mount) {
    VfsPath point = mount.point();
    if (point != null) {
      byPoint.remove(point, mount);
      point.dentry().mounts--;
      mount.setPoint(null);
    }
  }

  /** MS_BIND; with {@code recursive} also what is mounted below (MS_REC). */
  synchronized Mount bind(VfsPath from, VfsPath point, int flags, boolean recursive)
      throws ErrnoException {
    List<Mount> below = recursive ? below(from) : List.of();
    if (all.size() + below.size() >= MOST) {
      throw ErrnoException.of(Errno.ENOSPC);
    }
    Mount origin = from.mount();
    Mount copy = add(point, origin.fileSystem(), from.dentry(), origin.source(), flags);
    for (Mount each : below) {
      copyBelow(each, origin, copy);
    }
    return copy;
  }

  /** Copies a tree of mounts; {@code into} is the copy of the mount that {@code original} is on. */
  private void copyBelow(Mount original, Mount originalParent, Mount into) {
    VfsPath place = original.point();
    if (place == null || place.mount() != originalParent) {
      return;
    }
    List<Mount> children = childrenOf(original);
    Mount copy = make(original.fileSystem(), original.root(), original.source(), original.flags());
    attach(copy, new VfsPath(into, place.dentry()));
    for (Mount child : children) {
      copyBelow(child, original, copy);
    }
  }

  private List<Mount> below(VfsPath from) {
    List<Mount> found = new ArrayList<>();
    for (Mount child : childrenOf(from.mount())) {
      VfsPath point = child.point();
      if (point != null && from.dentry().isAboveOrAt(point.dentry())) {
        found.add(child);
      }
    }
    return found;
  }

  private List<Mount> childrenOf(Mount parent) {
    List<Mount> found = new ArrayList<>();
    for (Mount mount : all) {
      VfsPath point = mount.point();
      if (point != null && point.mount() == parent) {
        found.add(mount);
      }
    }
    return found;
  }

  /** A copy of a tree of mounts, for a new namespace; the copy of its root. */
  synchronized Mount copyTree(Mount root) throws ErrnoException {
    List<Mount> children = childrenOf(root);
    if (all.size() + children.size() >= MOST) {
      throw ErrnoException.of(Errno.ENOSPC);
    }
    Mount copy = make(root.fileSystem(), root.root(), root.source(), root.flags());
    for (Mount child : children) {
      copyBelow(child, root, copy);
    }
    return copy;
  }

  /** MS_MOVE: EINVAL for a root, ELOOP into itself. */
  synchronized void move(VfsPath from, VfsPath point) throws ErrnoException {
    Mount mount = from.mount();
    if (from.dentry() != mount.root() || mount.point() == null) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    VfsPath top = topOf(point);
    if (mount.root().inode().isDirectory() != top.inode().isDirectory()) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    for (Mount at = top.mount(); at != null; at = parentOf(at)) {
      if (at == mount) {
        throw ErrnoException.of(Errno.ELOOP);
      }
    }
    detach(mount);
    attach(mount, top);
  }

  private static @Nullable Mount parentOf(Mount mount) {
    VfsPath point = mount.point();
    return point == null ? null : point.mount();
  }

  /**
   * umount2(2).
   *
   * @param lazily MNT_DETACH: also when it is in use, with all below
   * @throws ErrnoException EBUSY, or EINVAL for the root of a tree
   */
  void unmount(Mount mount, boolean lazily, boolean usedElsewhere) throws ErrnoException {
    List<Mount> gone;
    synchronized (this) {
      if (mount.point() == null) {
        throw ErrnoException.of(Errno.EINVAL);
      }
      boolean busy = usedElsewhere || mount.isInUse() || !childrenOf(mount).isEmpty();
      if (busy && !lazily) {
        throw ErrnoException.of(Errno.EBUSY);
      }
      gone = mountsOf(mount);
      for (Mount each : gone) {
        detach(each);
        all.remove(each);
      }
    }
    for (Mount each : gone) {
      each.fileSystem().unused();
    }
  }

  /** Takes away a whole tree, which nobody uses any more. */
  void removeTree(Mount root) {
    List<Mount> gone;
    synchronized (this) {
      gone = mountsOf(root);
      for (Mount each : gone) {
        detach(each);
        all.remove(each);
      }
    }
    for (Mount each : gone) {
      each.fileSystem().unused();
    }
  }

  /** The mount and all below it, parents before children. */
  synchronized List<Mount> mountsOf(Mount root) {
    List<Mount> found = new ArrayList<>();
    Set<Mount> seen = new HashSet<>();
    found.add(root);
    seen.add(root);
    boolean more = true;
    while (more) {
      more = false;
      for (Mount mount : all) {
        Mount parent = parentOf(mount);
        if (parent != null && seen.contains(parent) && seen.add(mount)) {
          found.add(mount);
          more = true;
        }
      }
    }
    return found;
  }

  /** Whether something is mounted at the dentry in the tree that the mount belongs to. */
  boolean isMountPointIn(Mount mount, Dentry dentry) {
    return dentry.isMountPoint() && at(mount, dentry) != null;
  }
}
