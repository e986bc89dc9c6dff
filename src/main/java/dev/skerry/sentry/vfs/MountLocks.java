package dev.skerry.sentry.vfs;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import java.util.List;

/**
 * What a namespace that was copied with fewer rights cannot undo: flags that were set, mounts that
 * hide something (mount_namespaces(7), "Restrictions on mount namespaces"). Guarded by {@link
 * MountTable}.
 */
final class MountLocks {
  private static final int LOCKABLE =
      Mount.MS_RDONLY | Mount.MS_NOSUID | Mount.MS_NODEV | Mount.MS_NOEXEC;

  private MountLocks() {}

  /**
   * Locks a tree that comes from a namespace with more rights; its root, the first, can be
   * unmounted. The rule for access times is locked in any case.
   */
  static void lockTree(List<Mount> tree) {
    for (Mount mount : tree) {
      mount.setLockedFlags(mount.flags() & LOCKABLE | Mount.MS_NOATIME | mount.lockedFlags());
      mount.setLocked(mount != tree.getFirst() || mount.isLocked());
    }
  }

  /** EPERM if the flags lack some that are locked. */
  static void checkFlags(Mount mount, int flags) throws ErrnoException {
    int locked = mount.lockedFlags();
    boolean keeps = (locked & LOCKABLE & ~flags) == 0;
    boolean times =
        (locked & Mount.MS_NOATIME) == 0 || ((flags ^ mount.flags()) & Mount.ACCESS_TIMES) == 0;
    if (!keeps || !times) {
      throw ErrnoException.of(Errno.EPERM);
    }
  }

  /** Whether something is mounted below the place that must stay. */
  static boolean hasLockedChild(VfsPath path) {
    for (Mount child : path.mount().children()) {
      VfsPath point = child.point();
      if (child.isLocked() && point != null && path.dentry().isAboveOrAt(point.dentry())) {
        return true;
      }
    }
    return false;
  }

  /**
   * The flags to be locked on a new proc or sysfs, which may show no more than one that is there
   * already, as a whole and with nothing hidden in it. Linux: mount_too_revealing().
   *
   * @param flags of the new mount
   * @throws ErrnoException EPERM if there is none such
   */
  static int lockedOfVisible(List<Mount> mounts, String type, int flags) throws ErrnoException {
    for (Mount mount : mounts) {
      int locked = mount.lockedFlags();
      boolean more = (locked & Mount.MS_RDONLY & ~flags) != 0;
      boolean times =
          (locked & Mount.MS_NOATIME) != 0 && ((flags ^ mount.flags()) & Mount.MS_NOATIME) != 0;
      boolean whole = mount.fileSystem().type().equals(type) && mount.root().parent() == null;
      if (whole && !more && !times && !hidesSomething(mount)) {
        return locked & (Mount.MS_RDONLY | Mount.MS_NOATIME);
      }
    }
    throw ErrnoException.of(Errno.EPERM);
  }

  private static boolean hidesSomething(Mount mount) throws ErrnoException {
    for (Mount child : mount.children()) {
      VfsPath point = child.point();
      boolean empty =
          point != null && point.inode().isDirectory() && point.dentry().entries().isEmpty();
      if (child.isLocked() && !empty) {
        return true;
      }
    }
    return false;
  }
}
