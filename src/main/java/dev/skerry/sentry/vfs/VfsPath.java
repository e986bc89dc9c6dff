package dev.skerry.sentry.vfs;

import org.jspecify.annotations.Nullable;

/** A place in the tree: a dentry as seen through a mount. Linux: struct path. */
public record VfsPath(Mount mount, Dentry dentry) {
  public Inode inode() {
    return dentry.inode();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof VfsPath path && path.mount.equals(mount) && path.dentry.equals(dentry);
  }

  @Override
  public int hashCode() {
    return mount.hashCode() * 31 + dentry.hashCode();
  }
}
