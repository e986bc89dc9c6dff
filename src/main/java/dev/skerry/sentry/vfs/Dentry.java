package dev.skerry.sentry.vfs;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A name in the tree with the file that it stands for. The root of a file system has no parent. What
 * is below is only a cache, but for mount points. Guarded by the {@link VirtualFileSystem}. Linux:
 * struct dentry.
 */
public final class Dentry {
  private final Inode inode;
  volatile @Nullable Dentry parent;
  volatile String name;

  /** The name is gone (unlink(2), rmdir(2)), or another file has it now. */
  volatile boolean unhashed;

  final Map<String, Dentry> children = new HashMap<>();

  Dentry(@Nullable Dentry parent, String name, Inode inode) {
    this.parent = parent;
    this.name = name;
    this.inode = inode;
  }

  public Inode inode() {
    return inode;
  }

  public String name() {
    return name;
  }

  /** The directory; null for the root of a file system. */
  public @Nullable Dentry parent() {
    return parent;
  }

  /** Whether the name is gone; /proc shows such a file as "(deleted)". */
  public boolean isDeleted() {
    return unhashed;
  }
}
