package dev.skerry.sentry.kernel;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Namespace;
import dev.skerry.sentry.vfs.FileSystem;
import dev.skerry.sentry.vfs.Inode;
import dev.skerry.sentry.vfs.MountNamespace;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.OpenFlags;
import dev.skerry.sentry.vfs.Stat;
import dev.skerry.sentry.vfs.StatFs;
import dev.skerry.sentry.vfs.VfsPath;
import org.jspecify.annotations.Nullable;

/** A namespace that is mounted on a file, and so kept without any task in it. Linux: fs/nsfs.c. */
final class NamespaceFileSystem extends FileSystem {
  private static final long NSFS_MAGIC = 0x6e736673;
  private static final int BLOCK_SIZE = 4096;
  private static final int MOST_NAME_BYTES = 255;

  private final Namespace namespace;

  /**
   * @param namespace with a reference for the file system
   */
  NamespaceFileSystem(Namespace namespace) {
    this.namespace = namespace;
  }

  @Override
  public String type() {
    return "nsfs";
  }

  @Override
  public String source() {
    return "nsfs";
  }

  @Override
  public @Nullable MountNamespace mountNamespace() {
    return namespace instanceof MountNamespace mounts ? mounts : null;
  }

  @Override
  public Inode root() {
    return new NamespaceInode();
  }

  @Override
  public StatFs statFs() {
    return new StatFs(NSFS_MAGIC, BLOCK_SIZE, 0, 0, 0, 0, 0, 0, MOST_NAME_BYTES, BLOCK_SIZE);
  }

  @Override
  public void release() {
    namespace.release();
  }

  private final class NamespaceInode extends Inode {
    @Override
    public FileSystem fileSystem() {
      return NamespaceFileSystem.this;
    }

    @Override
    public int type() {
      return S_IFREG;
    }

    @Override
    public Stat stat() {
      return NamespaceFile.stat(namespace);
    }

    @Override
    public OpenFileDescription open(VfsPath path, int flags) throws ErrnoException {
      if ((flags & OpenFlags.O_ACCMODE) != OpenFlags.O_RDONLY) {
        throw ErrnoException.of(Errno.EPERM);
      }
      // The mount has a user of the namespace as long as the place can be opened.
      namespace.acquire();
      return new NamespaceFile(namespace, flags, path);
    }
  }
}
