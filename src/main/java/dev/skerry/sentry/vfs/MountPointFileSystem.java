package dev.skerry.sentry.vfs;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Files that are there only so that something can be mounted on them, in directories of file
 * systems that must stay as they are. They show in their directories, and cannot be changed.
 */
final class MountPointFileSystem extends FileSystem {
  private static final long RAMFS_MAGIC = 0x858458f6L;
  private static final int BLOCK_SIZE = 4096;
  private static final int MOST_NAME_BYTES = 255;
  private static final int DIRECTORY_MODE = 0755;
  private static final int FILE_MODE = 0644;

  private final long device = AnonymousDevices.next();
  private long lastNumber;

  /** A file to be mounted on: an empty directory, or an empty regular file. */
  synchronized Inode make(boolean directory) {
    int mode = directory ? Inode.S_IFDIR | DIRECTORY_MODE : Inode.S_IFREG | FILE_MODE;
    return new Point(++lastNumber, mode);
  }

  /** Whether the inode is of this kind. */
  static boolean isPoint(@Nullable Inode inode) {
    return inode instanceof Point;
  }

  @Override
  public String type() {
    return "ramfs";
  }

  @Override
  public Inode root() {
    return make(true);
  }

  @Override
  public StatFs statFs() {
    return new StatFs(RAMFS_MAGIC, BLOCK_SIZE, 0, 0, 0, 0, 0, device, MOST_NAME_BYTES, BLOCK_SIZE);
  }

  private final class Point extends Inode {
    private final long number;
    private final int mode;

    Point(long number, int mode) {
      this.number = number;
      this.mode = mode;
    }

    @Override
    public FileSystem fileSystem() {
      return MountPointFileSystem.this;
    }

    @Override
    public int type() {
      return mode & S_IFMT;
    }

    @Override
    public Stat stat() {
      int links = isDirectory() ? 2 : 1;
      return new Stat(device, number, mode, links, 0, 0, 0, 0, BLOCK_SIZE, 0, 0, 0, 0, 0);
    }

    /** The mount points in it are known to its dentry. */
    @Override
    public @Nullable Inode lookup(String name) throws ErrnoException {
      requireDirectory();
      return null;
    }

    @Override
    public List<DirectoryEntry> entries() throws ErrnoException {
      requireDirectory();
      return List.of();
    }

    private void requireDirectory() throws ErrnoException {
      if (!isDirectory()) {
        throw ErrnoException.of(Errno.ENOTDIR);
      }
    }
  }
}
