package dev.skerry.sentry.vfs;

/**
 * The root of a tree of mounts that is in no namespace, as a place. If the tree is not moved to one
 * before, it goes with the file.
 */
public final class TreeFile extends PathFile {
  private final MountNamespace tree;

  /**
   * @param tree with a reference for the file
   */
  TreeFile(VfsPath root, MountNamespace tree) {
    super(root, OpenFlags.O_PATH);
    this.tree = tree;
  }

  @Override
  protected void release() {
    tree.release();
  }
}
