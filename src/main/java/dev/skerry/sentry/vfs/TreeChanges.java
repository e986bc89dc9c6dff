package dev.skerry.sentry.vfs;

import dev.skerry.sentry.ErrnoException;

/**
 * Changes of one namespace's tree of mounts, by somebody who may make them. Places that are not in
 * the tree are EINVAL. Linux: the do_ functions of fs/namespace.c.
 */
public final class TreeChanges {
  private final MountTable mounts;
  private final MountNamespace namespace;

  TreeChanges(MountTable mounts, MountNamespace namespace) {
    this.mounts = mounts;
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
    int locked = 0;
    if (reveals && MountTable.isLess(namespace)) {
      Mount top = namespace.root().mount();
      locked = mounts.lockedOfVisible(top, fileSystem.type(), flags);
    }
    mounts.add(point, fileSystem, source, flags, locked, namespace);
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
    mounts.move(from, point, namespace);
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
