package dev.skerry.sentry.vfs;

import dev.skerry.sentry.ErrnoException;
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

  /** A tree of the same mounts, for CLONE_NEWNS. */
  public MountNamespace copy() throws ErrnoException {
    return new MountNamespace(vfs, vfs.mounts().copyTree(root));
  }

  /** Takes all mounts away; nobody uses the tree any more. */
  public void release() {
    vfs.mounts().removeTree(root);
  }

  /** Every mount with the root itself, parents before children, in the order of their making. */
  public List<Mount> mounts() {
    return vfs.mountsOf(root);
  }
}
