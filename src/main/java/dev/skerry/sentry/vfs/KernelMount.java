package dev.skerry.sentry.vfs;

/**
 * A mount that is in no tree, for files that the kernel makes without a name, such as those of
 * memfd_create(2), and for the layers of an overlay. Linux: kern_mount of fs/namespace.c.
 */
public final class KernelMount {
  private final Mount mount;

  /**
   * @param flags MS_ flags of {@link Mount}
   */
  public KernelMount(FileSystem fileSystem, int flags) {
    this.mount = new Mount(0, fileSystem, new Dentry(null, "", fileSystem.root()), "none", flags);
  }

  /** A place for the file, which shows as "/NAME (deleted)". */
  public VfsPath place(String name, Inode inode) {
    Dentry dentry = new Dentry(mount.root(), name, inode);
    dentry.setDeleted();
    return new VfsPath(mount, dentry);
  }
}
