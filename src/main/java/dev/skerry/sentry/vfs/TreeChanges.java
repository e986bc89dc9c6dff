package dev.skerry.sentry.vfs;

import dev.skerry.sentry.ErrnoException;

/**
 * Changes of one namespace's tree of mounts, by somebody who may make them. Places that are not in
 * the tree are EINVAL. Linux: the do_ functions of fs/namespace.c.
 */
public final class TreeChanges {
  private final VirtualFileSystem vfs;
  private final MountTable mounts;
  private final MountNamespace namespace;

  TreeChanges(VirtualFileSystem vfs, MountNamespace namespace) {
    this.vfs = vfs;
    this.mounts = vfs.mounts();
    this.namespace = namespace;
  }

  /**
   * Mounts a new file system.
   *
   * @param reveals whether it shows the system itself, as proc does: then it may show no more than
   *     the namespace sees already, or EPERM
   */
  public void mount(VfsPath point, FileSystem fileSystem, String source, int flags, boolean reveals)
      throws ErrnoException {
    int locked = lockedOf(fileSystem, flags, reveals);
    mounts.add(point, fileSystem, source, flags, locked, namespace);
  }

  private int lockedOf(FileSystem fileSystem, int flags, boolean reveals) throws ErrnoException {
    if (!reveals || !MountTable.isLess(namespace)) {
      return 0;
    }
    Mount top = namespace.root().mount();
    return mounts.lockedOfVisible(top, fileSystem.type(), flags);
  }

  /** MS_BIND, and with MS_REC what is mounted below too. */
  public void bind(VfsPath from, VfsPath point, boolean recursive) throws ErrnoException {
    mounts.bind(from, point, recursive, namespace);
  }

  /**
   * Whether a place may be a layer of an overlay, which shows it without what is mounted below:
   * EINVAL if that hides something for good.
   */
  public void checkLayer(VfsPath path) throws ErrnoException {
    mounts.checkLayer(path, namespace);
  }

  /** MS_MOVE. */
  public void move(VfsPath from, VfsPath point) throws ErrnoException {
    new MountMoves(mounts, namespace).move(from, point, false);
  }

  /** MOVE_MOUNT_BENEATH: what is mounted at the place stays over the new. */
  public void moveBeneath(VfsPath from, VfsPath point) throws ErrnoException {
    new MountMoves(mounts, namespace).move(from, point, true);
  }

  /** MOVE_MOUNT_SET_GROUP: the second shares with whom the first shares. */
  public void setGroup(VfsPath from, VfsPath to) throws ErrnoException {
    new MountMoves(mounts, namespace).setGroup(from, to);
  }

  /** OPEN_TREE_CLONE: a copy of what is at a place, whose tree the caller holds. */
  public TreeFile openCopy(VfsPath from, boolean recursive) throws ErrnoException {
    synchronized (mounts) {
      return detached(mounts.copyOf(from, recursive, namespace));
    }
  }

  /** fsmount(2): a new file system in a tree of its own. */
  public TreeFile openNew(FileSystem fileSystem, String source, int flags, boolean reveals)
      throws ErrnoException {
    int locked = lockedOf(fileSystem, flags, reveals);
    synchronized (mounts) {
      mounts.checkRoom(1);
      Mount mount = mounts.make(fileSystem, MountTable.rootOf(fileSystem), source, flags);
      mount.setLockedFlags(locked);
      return detached(mount);
    }
  }

  private TreeFile detached(Mount root) throws ErrnoException {
    MountNamespace tree;
    try {
      tree = MountNamespace.detached(vfs, root, namespace);
    } catch (ErrnoException e) {
      mounts.discard(root);
      throw e;
    }
    mounts.setNamespace(root, tree);
    TreeFile file = new TreeFile(new VfsPath(root, root.root()), tree);
    file.hold(file.path());
    return file;
  }

  /** mount_setattr(2). */
  public void setAttributes(VfsPath path, MountAttributes change, boolean recursive)
      throws ErrnoException {
    change.apply(mounts, path, recursive, namespace);
  }

  /** MS_REMOUNT: EINVAL if the path is not a mount's root, EPERM for locked flags. */
  public void remount(VfsPath path, int flags) throws ErrnoException {
    mounts.remount(path, flags, namespace);
  }

  /**
   * MS_SHARED, MS_PRIVATE, MS_SLAVE, MS_UNBINDABLE.
   *
   * @param type one of them
   */
  public void changePropagation(VfsPath path, int type, boolean recursive) throws ErrnoException {
    mounts.changePropagation(path, type, recursive, namespace);
  }

  /**
   * pivot_root(2).
   *
   * @param root the caller's root directory
   */
  public void pivot(VfsPath root, VfsPath newRoot, VfsPath putOld) throws ErrnoException {
    mounts.pivot(root, newRoot, putOld, namespace);
  }

  /**
   * umount2(2).
   *
   * @param lazily MNT_DETACH
   * @param usedElsewhere whether the caller knows of a use: a working directory, a root
   * @throws ErrnoException EINVAL if the path is not a mount's root or the mount is locked, EBUSY
   */
  public void unmount(VfsPath path, boolean lazily, boolean usedElsewhere) throws ErrnoException {
    mounts.unmount(path, lazily, usedElsewhere, namespace);
  }

  /** MNT_EXPIRE: whether the mount was marked before and not used since; if not, it is now. */
  public boolean expire(VfsPath path, boolean usedElsewhere) throws ErrnoException {
    return mounts.expire(path, usedElsewhere);
  }
}
