package dev.skerry.sentry.vfs;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;

/**
 * What open files without a place belong to while a magic link of /proc leads to them. Linux: the
 * kernel-internal mounts of pipefs, sockfs and anon_inodefs.
 */
final class PlacelessFileSystem extends FileSystem {
  private static final long ANON_INODE_FS_MAGIC = 0x09041934;
  private static final int BLOCK_SIZE = 4096;
  private static final int MOST_NAME_BYTES = 255;
  private static final long PIPEFS_MAGIC = 0x50495045;
  private static final long SOCKFS_MAGIC = 0x534f434b;
  static final PlacelessFileSystem INSTANCE =
      new PlacelessFileSystem("anon_inodefs", ANON_INODE_FS_MAGIC);
  private static final PlacelessFileSystem PIPES = new PlacelessFileSystem("pipefs", PIPEFS_MAGIC);
  private static final PlacelessFileSystem SOCKETS =
      new PlacelessFileSystem("sockfs", SOCKFS_MAGIC);

  private final String type;
  private final long magic;

  private PlacelessFileSystem(String type, long magic) {
    this.type = type;
    this.magic = magic;
  }

  static Dentry dentryOf(OpenFileDescription file) throws ErrnoException {
    return new Dentry(null, file.displayName(), new OpenInode(file, file.stat()));
  }

  /** Whether the file is one of those. */
  static boolean has(Inode inode) {
    return inode instanceof OpenInode;
  }

  @Override
  public String type() {
    return type;
  }

  @Override
  public Inode root() {
    return new EmptyDirectory();
  }

  @Override
  public StatFs statFs() {
    return new StatFs(magic, BLOCK_SIZE, 0, 0, 0, 0, 0, 0, MOST_NAME_BYTES, BLOCK_SIZE);
  }

  /** Nobody can walk to it. */
  private final class EmptyDirectory extends Inode {
    @Override
    public FileSystem fileSystem() {
      return PlacelessFileSystem.this;
    }

    @Override
    public int type() {
      return S_IFDIR;
    }

    @Override
    public Stat stat() {
      return AnonymousInodes.stat(0, 0, S_IFDIR, 0, 0, 0);
    }
  }

  /** The inode of an open file; what the guest may do with it without the file's own calls. */
  static final class OpenInode extends Inode {
    private final OpenFileDescription file;
    private final int type;

    OpenInode(OpenFileDescription file, Stat stat) {
      this.file = file;
      this.type = stat.mode() & S_IFMT;
    }

    OpenFileDescription file() {
      return file;
    }

    @Override
    public FileSystem fileSystem() {
      return switch (type) {
        case S_IFIFO -> PIPES;
        case S_IFSOCK -> SOCKETS;
        default -> INSTANCE;
      };
    }

    @Override
    public int type() {
      return type;
    }

    @Override
    public Stat stat() throws ErrnoException {
      return file.stat();
    }

    @Override
    public void setAttributes(AttributeChange change) throws ErrnoException {
      AnonymousInode inode = file.anonymousInode();
      if (inode == null) {
        throw ErrnoException.of(Errno.EOPNOTSUPP);
      }
      inode.setAttributes(change);
    }
  }
}
