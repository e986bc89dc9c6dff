package dev.skerry.sentry.vfs;

import dev.skerry.sentry.ErrnoException;

/** An open file that has a place in the tree. */
public abstract class PlacedFile extends OpenFileDescription {
  private final VfsPath path;

  protected PlacedFile(VfsPath path, int flags) {
    super(flags);
    this.path = path;
  }

  @Override
  public final VfsPath path() {
    return path;
  }

  public final Inode inode() {
    return path.inode();
  }

  @Override
  public String displayName() {
    return PathNames.ofOpenFile(path);
  }

  @Override
  public Stat stat() throws ErrnoException {
    return inode().stat();
  }
}
