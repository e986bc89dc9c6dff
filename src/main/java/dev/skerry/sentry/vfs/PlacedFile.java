package dev.skerry.sentry.vfs;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Credentials;
import org.jspecify.annotations.Nullable;

/** An open file that has a place in the tree. */
public abstract class PlacedFile extends OpenFileDescription {
  private final VfsPath path;
  private volatile @Nullable Credentials opener;

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

  /** Tells who opened the file; without this it is somebody without privileges. */
  public void openedBy(Credentials credentials) {}

  /** Whether the file was opened under these very credentials, which have not changed since. */
  public final boolean wasOpenedUnder(Credentials credentials) {
    return opener == credentials;
  }

  final void setOpener(Credentials credentials) {
    opener = credentials;
  }

  @Override
  public boolean hasSpliceRead() {
    return true;
  }

  @Override
  public boolean hasSpliceWrite() {
    return true;
  }

  @Override
  public String displayName() {
    return PathNames.ofOpenFile(path);
  }

  @Override
  public Stat stat() throws ErrnoException {
    return inode().stat();
  }

  /** The {@link FileSeals} (fcntl F_GET_SEALS); -EINVAL for a file that cannot have any. */
  public long seals() {
    return -Errno.EINVAL;
  }

  /** Adds seals (fcntl F_ADD_SEALS); zero, or EPERM, EBUSY, EINVAL. */
  public long addSeals(int seals) {
    return -Errno.EINVAL;
  }
}
