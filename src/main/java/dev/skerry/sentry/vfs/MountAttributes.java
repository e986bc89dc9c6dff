package dev.skerry.sentry.vfs;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import java.util.List;

/**
 * What mount_setattr(2) changes.
 *
 * @param set MS_ flags of {@link Mount}
 * @param clear flags that are taken off before
 * @param propagation MS_SHARED and its like, or 0
 */
public record MountAttributes(int set, int clear, int propagation) {

  /** EINVAL for what is not a mount's root or not the caller's, EPERM for locked flags, EBUSY. */
  void apply(MountTable table, VfsPath path, boolean recursive, MountNamespace caller)
      throws ErrnoException {
    synchronized (table) {
      Mount top = path.mount();
      MountNamespace home = top.namespace();
      boolean loose = top.point() == null && home != null && home.isDetached();
      if (!MountTable.isRoot(path) || (home != caller && !loose)) {
        throw ErrnoException.of(Errno.EINVAL);
      }
      List<Mount> mounts = recursive ? table.mountsOf(top) : List.of(top);
      for (Mount mount : mounts) {
        MountLocks.checkFlags(mount, flagsOf(mount));
        mount.checkMayBe(flagsOf(mount));
      }
      for (Mount mount : mounts) {
        mount.setFlags(flagsOf(mount));
        if (propagation != 0) {
          table.propagation().change(mount, propagation);
        }
      }
    }
  }

  private int flagsOf(Mount mount) {
    return mount.flags() & ~clear | set;
  }
}
