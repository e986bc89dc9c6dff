package dev.skerry.sentry.vfs;

import java.util.List;

/** A tree of mounts. Linux: struct mnt_namespace. */
public final class MountNamespace {
  private final VirtualFileSystem vfs;
  private final Mount root;

  MountNamespace(VirtualFileSystem vfs, Mount root) {
    this.vfs = vfs;
    this.root = root;
  }

  /** The root of the tree, with what is mounted over it. */
  public VfsPath root() {
    return vfs.topOf(new VfsPath(root, root.root()));
  }

  /** Every mount below the root, parents before children, in the order of their making. */
  public List<Mount> mounts() {
    return vfs.mountsOf(root);
  }
}
