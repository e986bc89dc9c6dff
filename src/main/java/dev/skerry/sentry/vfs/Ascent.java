package dev.skerry.sentry.vfs;

/**
 * The way from a place up to the root of its tree of mounts, whoever's root directory is passed.
 * Used by one thread. Linux: the walks of security/landlock/fs.c.
 */
final class Ascent {
  private Mount mount;
  private Dentry dentry;

  Ascent(Mount mount, Dentry dentry) {
    this.mount = mount;
    this.dentry = dentry;
  }

  Inode inode() {
    return dentry.inode();
  }

  /** Whether the place is in a mount of the kernel's own, which nobody can walk to. */
  boolean isInternal() {
    return mount.isInternal();
  }

  /** Goes one directory up, past what is mounted over; false at the root. */
  boolean goUp() {
    while (dentry == mount.root()) {
      VfsPath point = mount.point();
      if (point == null) {
        return false;
      }
      mount = point.mount();
      dentry = point.dentry();
    }
    Dentry parent = dentry.parent();
    // What was moved out of the part that is mounted here counts as below that all the same.
    dentry = parent == null ? mount.root() : parent;
    return true;
  }
}
