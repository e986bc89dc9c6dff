package dev.skerry.sentry.vfs;

import dev.skerry.sentry.ErrnoException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Path walk, name cache and mounts of one sandbox. Thread-safe. Linux: fs/namei.c, fs/namespace.c. */
public final class VirtualFileSystem {
  /** {@link #walk} follows a symbolic link at the end of the path. */
  public static final int FOLLOW = 1;

  /** {@link #walk} fails with ENOTDIR unless the path leads to a directory. */
  public static final int DIRECTORY = 2;

  /** An empty path means the starting directory itself (AT_EMPTY_PATH). */
  public static final int EMPTY = 4;

  private final SpecialFiles specialFiles;

  public VirtualFileSystem(SpecialFiles specialFiles) {
    this.specialFiles = specialFiles;
  }

  /** A new tree with the file system at its root. */
  public MountNamespace createNamespace(FileSystem root, int flags) {
    throw new UnsupportedOperationException();
  }

  /**
   * Finds a file.
   *
   * @param start where a relative path begins; null for the origin's working directory
   * @param flags {@link #FOLLOW}, {@link #DIRECTORY}, {@link #EMPTY}
   */
  public VfsPath walk(Origin origin, @Nullable VfsPath start, String path, int flags)
      throws ErrnoException {
    throw new UnsupportedOperationException();
  }

  /**
   * open(2), openat2(2).
   *
   * @param flags all flags of open(2) but O_CLOEXEC
   * @param resolve RESOLVE_ flags of openat2(2)
   */
  public OpenFileDescription open(
      Origin origin, @Nullable VfsPath start, String path, int flags, int mode, long resolve)
      throws ErrnoException {
    throw new UnsupportedOperationException();
  }

  /** Opens a file that was found before, without another check of permissions. */
  public OpenFileDescription openFound(VfsPath path, int flags) throws ErrnoException {
    throw new UnsupportedOperationException();
  }

  public Inode mkdir(Origin origin, @Nullable VfsPath start, String path, int mode)
      throws ErrnoException {
    throw new UnsupportedOperationException();
  }

  /**
   * Mounts a file system.
   *
   * @param source as /proc/mounts shows it
   * @param flags MS_ flags of {@link Mount}
   */
  public Mount mount(VfsPath point, FileSystem fileSystem, String source, int flags)
      throws ErrnoException {
    throw new UnsupportedOperationException();
  }

  /** MS_BIND of one mount, without what is mounted below. */
  public Mount bind(VfsPath from, VfsPath point, int flags) throws ErrnoException {
    throw new UnsupportedOperationException();
  }

  /** What is mounted over a place, however often; the place itself if nothing is. */
  VfsPath topOf(VfsPath path) {
    throw new UnsupportedOperationException();
  }

  List<Mount> mountsOf(Mount root) {
    throw new UnsupportedOperationException();
  }
}
