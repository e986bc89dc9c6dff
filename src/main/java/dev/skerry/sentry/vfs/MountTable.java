package dev.skerry.sentry.vfs;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.UserNamespace;
import dev.skerry.sentry.slab.Slab;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is mounted where, in every tree of the sandbox. Its monitor guards all changes; a walk looks
 * without it. Linux: fs/namespace.c.
 */
final class MountTable {
  /** Linux's fs.mount-max, for all trees together: so that a guest cannot fill the heap. */
  private static final int MOST = 100_000;

  /** A tree of mounts that is in none, and where it is to be mounted. */
  record Grafting(Mount tree, VfsPath point) {}

  private final Mount placeless;
  private final MountPropagation propagation = new MountPropagation(this);

  // Guarded by this.
  private int count;
  private int lastId;

  MountPropagation propagation() {
    return propagation;
  }

  MountTable() {
    FileSystem fileSystem = PlacelessFileSystem.INSTANCE;
    placeless = new Mount(0, fileSystem, rootOf(fileSystem), "none", 0);
  }

  /** How many mounts there are. */
  synchronized int size() {
    return count;
  }

  /** A place for an open file that has none, so that it can be asked like others. */
  VfsPath placeOf(OpenFileDescription file) throws ErrnoException {
    return new VfsPath(placeless, PlacelessFileSystem.dentryOf(file));
  }

  /** The mount at a place, or null. */
  @Nullable Mount at(Mount mount, Dentry dentry) {
    return mount.childAt(dentry);
  }

  VfsPath topOf(VfsPath path) {
    VfsPath top = path;
    while (top.dentry().isMountPoint()) {
      Mount over = top.mount().childAt(top.dentry());
      if (over == null) {
        break;
      }
      top = new VfsPath(over, over.root());
    }
    return top;
  }

  static Dentry rootOf(FileSystem fileSystem) {
    synchronized (fileSystem) {
      Dentry root = fileSystem.rootDentry;
      if (root == null) {
        root = new Dentry(null, "/", fileSystem.root());
        fileSystem.rootDentry = root;
      }
      return root;
    }
  }

  /** The first tree: what a namespace begins with, and over it the root that everybody sees. */
  synchronized MountNamespace first(
      VirtualFileSystem vfs, FileSystem rootfs, FileSystem root, int flags) {
    Mount bottom = make(rootfs, rootOf(rootfs), rootfs.source(), 0);
    MountNamespace namespace = new MountNamespace(vfs, bottom);
    bottom.setNamespace(namespace);
    Mount mount = make(root, rootOf(root), root.source(), flags);
    attach(mount, new VfsPath(bottom, bottom.root()), namespace);
    return namespace;
  }

  Mount make(FileSystem fileSystem, Dentry root, String source, int flags) {
    Mount mount = new Mount(++lastId, fileSystem, root, source, flags);
    fileSystem.used();
    count++;
    Slab.MOUNT.charge(1);
    return mount;
  }

  /** ENOSPC unless there may be so many mounts more. */
  void checkRoom(long more) throws ErrnoException {
    if (count + more > MOST || Slab.isFull()) {
      throw ErrnoException.of(Errno.ENOSPC);
    }
  }

  /** EINVAL for a mount that is not in the caller's tree. */
  static void checkMember(Mount mount, @Nullable MountNamespace namespace) throws ErrnoException {
    if (mount.namespace() == null || (namespace != null && mount.namespace() != namespace)) {
      throw ErrnoException.of(Errno.EINVAL);
    }
  }

  /** As {@link #checkMember}, for a place to mount at: ENOENT where nothing is mounted any more. */
  static void checkPlace(VfsPath place, @Nullable MountNamespace namespace) throws ErrnoException {
    if (place.mount().namespace() == null) {
      throw ErrnoException.of(Errno.ENOENT);
    }
    checkMember(place.mount(), namespace);
  }

  static boolean isRoot(VfsPath path) {
    return path.dentry() == path.mount().root();
  }

  /**
   * Mounts a file system over whatever is at the place already.
   *
   * @param lockedFlags flags that cannot be taken off
   */
  synchronized Mount add(
      VfsPath point,
      FileSystem fileSystem,
      String source,
      int flags,
      int lockedFlags,
      @Nullable MountNamespace namespace)
      throws ErrnoException {
    VfsPath top = topOf(point);
    checkPlace(top, namespace);
    checkRoom(1);
    if (isRoot(top) && top.mount().fileSystem() == fileSystem) {
      throw ErrnoException.of(Errno.EBUSY);
    }
    Mount mount = make(fileSystem, rootOf(fileSystem), source, flags);
    mount.setLockedFlags(lockedFlags);
    graftOrForget(mount, top);
    return mount;
  }

  private void graftOrForget(Mount tree, VfsPath top) throws ErrnoException {
    try {
      graft(tree, top);
    } catch (ErrnoException e) {
      forget(mountsOf(tree));
      throw e;
    }
  }

  /**
   * Mounts a tree, here and wherever else the place is seen.
   *
   * @param top if something is mounted there, the tree comes beneath it
   */
  void graft(Mount tree, VfsPath top) throws ErrnoException {
    if (top.dentry().isDeleted() || !top.inode().mayBeMountPoint()) {
      throw ErrnoException.of(Errno.ENOENT);
    }
    if (tree.root().inode().isDirectory() != top.inode().isDirectory()) {
      throw ErrnoException.of(Errno.ENOTDIR);
    }
    List<Grafting> copies = propagation.propagate(tree, top);
    MountNamespace namespace = namespaceOf(top);
    attachBelow(tree, top, namespace);
    for (Grafting copy : copies) {
      MountNamespace other = namespaceOf(copy.point());
      if (other.owner() != namespace.owner()) {
        MountLocks.lockTree(mountsOf(copy.tree()));
      }
      copy.tree().setLocked(false);
      attachBelow(copy.tree(), copy.point(), other);
    }
  }

  /** What is at the place stays visible: it goes over the new one. */
  private void attachBelow(Mount tree, VfsPath point, MountNamespace namespace) {
    Mount over = point.mount().childAt(point.dentry());
    attach(tree, point, namespace);
    if (over != null && over != tree) {
      attach(over, new VfsPath(tree, tree.root()), namespace);
    }
  }

  private static MountNamespace namespaceOf(VfsPath path) {
    MountNamespace namespace = path.mount().namespace();
    if (namespace == null) {
      throw new IllegalStateException("not in a tree");
    }
    return namespace;
  }

  @SuppressWarnings("NonAtomicVolatileUpdate")
  private void attach(Mount mount, VfsPath point, @Nullable MountNamespace namespace) {
    detach(mount);
    mount.setPoint(point);
    point.mount().putChild(point.dentry(), mount);
    point.dentry().mounts++;
    if (mount.namespace() != namespace) {
      for (Mount each : mountsOf(mount)) {
        each.setNamespace(namespace);
      }
    }
  }

  @SuppressWarnings("NonAtomicVolatileUpdate")
  private static void detach(Mount mount) {
    VfsPath point = mount.point();
    if (point != null) {
      point.mount().removeChild(point.dentry(), mount);
      point.dentry().mounts--;
      mount.setPoint(null);
    }
  }

  /** MS_BIND; with {@code recursive} also what is mounted below (MS_REC). */
  synchronized Mount bind(
      VfsPath from, VfsPath point, boolean recursive, @Nullable MountNamespace namespace)
      throws ErrnoException {
    VfsPath top = topOf(point);
    checkPlace(top, namespace);
    Mount copy = copyOf(from, recursive, namespace);
    if (namespace != null && namespace.wouldLoop(copy)) {
      forget(mountsOf(copy));
      throw ErrnoException.of(Errno.EINVAL);
    }
    graftOrForget(copy, top);
    return copy;
  }

  /** A copy of what is at a place, in no tree yet. Linux: __do_loopback(). */
  synchronized Mount copyOf(VfsPath from, boolean recursive, @Nullable MountNamespace namespace)
      throws ErrnoException {
    if (from.inode() instanceof PlacelessFileSystem.OpenInode open) {
      checkRoom(1);
      FileSystem own = open.file().asFileSystem();
      return make(own, new Dentry(null, open.file().displayName(), own.root()), own.source(), 0);
    }
    Mount origin = from.mount();
    MountNamespace home = origin.namespace();
    boolean mine = home != null && home.isDetachedFrom(namespace);
    if (origin.isUnbindable()) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    if (!mine) {
      checkMember(origin, namespace);
    }
    if (!recursive && MountLocks.hasLockedChild(from)) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    checkRoom(recursive ? mountsOf(origin).size() : 1);
    Mount copy =
        recursive
            ? copyTree(origin, from.dentry(), MountPropagation.Relation.PEER, true)
            : copy(origin, from.dentry(), MountPropagation.Relation.PEER);
    copy.setLocked(false);
    return copy;
  }

  synchronized void checkLayer(VfsPath path, @Nullable MountNamespace namespace)
      throws ErrnoException {
    checkMember(path.mount(), namespace);
    if (path.mount().isUnbindable() || MountLocks.hasLockedChild(path)) {
      throw ErrnoException.of(Errno.EINVAL);
    }
  }

  Mount copy(Mount original, Dentry root, MountPropagation.Relation relation) {
    Mount copy = make(original.fileSystem(), root, original.source(), original.flags());
    copy.setLocked(original.isLocked());
    copy.setLockedFlags(original.lockedFlags());
    MountPropagation.relate(copy, original, relation);
    return copy;
  }

  /**
   * A copy of a tree of mounts, in no namespace.
   *
   * @param root where in the first mount the copy's begins
   * @param bind whether to leave out what cannot be bound; otherwise mount namespaces that are
   *     mounted are left out, so that none of them is kept by one that is younger
   */
  Mount copyTree(Mount original, Dentry root, MountPropagation.Relation relation, boolean bind)
      throws ErrnoException {
    return copyTree(original, root, relation, bind, new HashMap<>());
  }

  private Mount copyTree(
      Mount original,
      Dentry root,
      MountPropagation.Relation relation,
      boolean bind,
      Map<Mount, Mount> copies)
      throws ErrnoException {
    Mount top = copy(original, root, relation);
    copies.put(original, top);
    for (Mount mount : mountsOf(original)) {
      VfsPath place = mount.point();
      if (mount == original || place == null) {
        continue;
      }
      Mount parent = copies.get(place.mount());
      boolean outside = place.mount() == original && !root.isAboveOrAt(place.dentry());
      boolean loops = !bind && mount.fileSystem().mountNamespace() != null;
      if (parent == null || outside || loops) {
        continue;
      }
      if (!mount.isUnbindable() || !bind) {
        Mount copy = copy(mount, mount.root(), relation);
        copies.put(mount, copy);
        attach(copy, new VfsPath(parent, place.dentry()), null);
      } else if (mount.isLocked()) {
        forget(mountsOf(top));
        throw ErrnoException.of(Errno.EPERM);
      }
    }
    return top;
  }

  /**
   * A copy of a namespace's tree for another one (CLONE_NEWNS).
   *
   * @param less whether another user namespace owns it: then it sees changes but makes none
   *     visible, and cannot undo what its mounts hide
   * @param copies receives the copy of each mount
   */
  synchronized Mount copyNamespace(Mount root, boolean less, Map<Mount, Mount> copies)
      throws ErrnoException {
    checkRoom(mountsOf(root).size());
    MountPropagation.Relation relation =
        less ? MountPropagation.Relation.SLAVE : MountPropagation.Relation.PEER;
    Mount copy = copyTree(root, root.root(), relation, false, copies);
    if (less) {
      MountLocks.lockTree(mountsOf(copy));
    }
    return copy;
  }

  synchronized void setNamespace(Mount root, MountNamespace namespace) {
    for (Mount mount : mountsOf(root)) {
      mount.setNamespace(namespace);
    }
  }

  /** MS_SHARED and its like, with MS_REC for the whole tree. */
  synchronized void changePropagation(
      VfsPath path, int type, boolean recursive, @Nullable MountNamespace namespace)
      throws ErrnoException {
    checkMember(path.mount(), namespace);
    if (!isRoot(path)) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    for (Mount mount : recursive ? mountsOf(path.mount()) : List.of(path.mount())) {
      propagation.change(mount, type);
    }
  }

  /** MS_REMOUNT: EINVAL if the path is not a mount's root, EPERM for locked flags. */
  synchronized void remount(VfsPath path, int flags, @Nullable MountNamespace namespace)
      throws ErrnoException {
    checkMember(path.mount(), namespace);
    if (!isRoot(path)) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    MountLocks.checkFlags(path.mount(), flags);
    path.mount().checkMayBe(flags);
    path.mount().setFlags(flags);
  }

  /** pivot_root(2), by a caller with this root directory. */
  synchronized void pivot(
      VfsPath root, VfsPath newRoot, VfsPath putOld, @Nullable MountNamespace namespace)
      throws ErrnoException {
    Mount fresh = newRoot.mount();
    Mount old = root.mount();
    VfsPath over = topOf(putOld);
    VfsPath freshPoint = fresh.point();
    VfsPath oldPoint = old.point();
    boolean shared =
        over.mount().isShared()
            || (freshPoint != null && freshPoint.mount().isShared())
            || (oldPoint != null && oldPoint.mount().isShared());
    checkMember(old, namespace);
    checkMember(fresh, namespace);
    if (shared || fresh.isLocked()) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    if (newRoot.dentry().isDeleted()) {
      throw ErrnoException.of(Errno.ENOENT);
    }
    if (fresh == old || over.mount() == old) {
      throw ErrnoException.of(Errno.EBUSY);
    }
    boolean wrong =
        !isRoot(root)
            || !isRoot(newRoot)
            || freshPoint == null
            || oldPoint == null
            || !isBelow(over, newRoot)
            || !isBelow(newRoot, root);
    if (wrong || oldPoint == null) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    detach(fresh);
    detach(old);
    if (old.isLocked()) {
      fresh.setLocked(true);
      old.setLocked(false);
    }
    attach(old, over, old.namespace());
    attach(fresh, oldPoint, fresh.namespace());
  }

  private static boolean isBelow(VfsPath path, VfsPath root) {
    VfsPath at = path;
    while (at != null && at.mount() != root.mount()) {
      at = at.mount().point();
    }
    return at != null && root.dentry().isAboveOrAt(at.dentry());
  }

  /**
   * umount2(2).
   *
   * @param lazily MNT_DETACH: also when it is in use, with all below
   * @param usedElsewhere whether the caller knows of a use
   * @throws ErrnoException EBUSY; EINVAL for the root of a tree, and one that is locked
   */
  void unmount(
      VfsPath path, boolean lazily, boolean usedElsewhere, @Nullable MountNamespace namespace)
      throws ErrnoException {
    Mount mount = path.mount();
    List<Mount> gone = new ArrayList<>();
    synchronized (this) {
      checkMember(mount, namespace);
      if (!isRoot(path) || mount.point() == null || mount.isLocked()) {
        throw ErrnoException.of(Errno.EINVAL);
      }
      Unmounting unmounting = new Unmounting(mountsOf(mount), propagation);
      boolean busy = usedElsewhere || mount.isInUse() || mount.hasChildren();
      if (!lazily && (busy || unmounting.isBusyElsewhere())) {
        throw ErrnoException.of(Errno.EBUSY);
      }
      takeOut(mount, unmounting, gone);
    }
    releaseAll(gone);
  }

  /**
   * MNT_EXPIRE: marks the mount, and says whether it was marked already and not used since.
   *
   * @throws ErrnoException EBUSY if it is in use
   */
  synchronized boolean expire(VfsPath path, boolean usedElsewhere) throws ErrnoException {
    Mount mount = path.mount();
    if (!isRoot(path) || mount.point() == null) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    if (usedElsewhere || mount.isInUse()) {
      throw ErrnoException.of(Errno.EBUSY);
    }
    boolean expired = mount.isExpiring();
    mount.setExpiring(true);
    return expired;
  }

  /**
   * Takes a whole tree out of its namespace. What is locked stays where it is, over what it hides
   * from those who are still in there.
   */
  private void takeOut(Mount top, List<Mount> gone) {
    int first = gone.size();
    for (Mount each : mountsOf(top)) {
      if (each.namespace() != null) {
        each.setNamespace(null);
        propagation.change(each, MountPropagation.MS_PRIVATE);
        count--;
        Slab.MOUNT.give(1);
        gone.add(each);
      }
    }
    for (Mount each : gone.subList(first, gone.size())) {
      if (each == top || !each.isLocked()) {
        detach(each);
      }
    }
  }

  /** Takes out a tree, and what goes with it elsewhere; what is over that moves to its place. */
  private void takeOut(Mount top, Unmounting unmounting, List<Mount> gone) {
    top.changed();
    Collection<Mount> others = unmounting.decide();
    List<Grafting> staying = unmounting.staying();
    for (Grafting each : staying) {
      detach(each.tree());
    }
    takeOut(top, gone);
    for (Mount other : others) {
      other.changed();
      takeOut(other, gone);
    }
    for (Grafting each : staying) {
      attach(each.tree(), each.point(), namespaceOf(each.point()));
    }
  }

  /** Mounts that were made and never mounted. */
  void forget(List<Mount> mounts) {
    for (Mount each : mounts) {
      detach(each);
      propagation.change(each, MountPropagation.MS_PRIVATE);
      count--;
      Slab.MOUNT.give(1);
      each.fileSystem().unused();
    }
  }

  private static void releaseAll(List<Mount> gone) {
    for (Mount each : gone) {
      each.fileSystem().unused();
    }
  }

  /** Takes away a whole tree, which nobody uses any more. */
  void removeTree(Mount root) {
    List<Mount> gone = new ArrayList<>();
    synchronized (this) {
      takeOut(root, gone);
      gone.forEach(MountTable::detach);
    }
    releaseAll(gone);
  }

  /** Forgets a tree that was never part of a namespace. */
  synchronized void discard(Mount root) {
    forget(mountsOf(root));
  }

  /** The mount and all below it, each before its children. */
  synchronized List<Mount> mountsOf(Mount root) {
    List<Mount> found = new ArrayList<>();
    ArrayDeque<Mount> next = new ArrayDeque<>();
    next.push(root);
    while (!next.isEmpty()) {
      Mount mount = next.pop();
      found.add(mount);
      mount.children().reversed().forEach(next::push);
    }
    return found;
  }

  /** Whether something is mounted at the dentry in the tree that the mount belongs to. */
  boolean isMountPointIn(Mount mount, Dentry dentry) {
    return dentry.isMountPoint() && at(mount, dentry) != null;
  }

  /**
   * What a new mount of a kind that shows the system itself must have locked; see {@link
   * MountLocks#lockedOfVisible}.
   */
  synchronized int lockedOfVisible(Mount root, String type, int flags) throws ErrnoException {
    return MountLocks.lockedOfVisible(mountsOf(root), type, flags);
  }

  /** Whether the namespace belongs to less than the whole sandbox. */
  static boolean isLess(MountNamespace namespace) {
    return namespace.owner() != UserNamespace.INITIAL;
  }
}
