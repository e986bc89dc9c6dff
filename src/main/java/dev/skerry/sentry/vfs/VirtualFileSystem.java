package dev.skerry.sentry.vfs;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.auth.UserNamespace;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Path walk, name cache and mounts of one sandbox. Thread-safe. Linux: fs/namei.c, fs/namespace.c.
 */
public final class VirtualFileSystem {
  /** {@link #walk} follows a symbolic link at the end of the path. */
  public static final int FOLLOW = 1;

  /** {@link #walk} fails with ENOTDIR unless the path leads to a directory. */
  public static final int DIRECTORY = 2;

  /** An empty path means the starting directory itself (AT_EMPTY_PATH). */
  public static final int EMPTY = 4;

  private final SpecialFiles specialFiles;
  private final DentryCache cache = new DentryCache();
  private final MountTable mounts = new MountTable();
  private final NameChanges names = new NameChanges(this);
  private final MountPointFileSystem mountPoints = new MountPointFileSystem();
  private final Object renameLock = new Object();
  private volatile FileSystemTypes types =
      (type, data, origin) -> {
        throw ErrnoException.of(Errno.ENODEV);
      };
  private volatile MemoryFiles memoryFiles =
      (name, flags, owner) -> {
        throw ErrnoException.of(Errno.ENOSYS);
      };

  public VirtualFileSystem(SpecialFiles specialFiles) {
    this.specialFiles = specialFiles;
  }

  DentryCache cache() {
    return cache;
  }

  MountTable mounts() {
    return mounts;
  }

  PathWalk newWalk(Origin origin, @Nullable VfsPath start, long resolve) {
    return new PathWalk(this, origin, start, resolve);
  }

  /** Sets who makes the file systems that guests mount. */
  public void setTypes(FileSystemTypes maker) {
    types = maker;
  }

  public FileSystemTypes types() {
    return types;
  }

  /** Sets who makes the files of memfd_create(2). */
  public void setMemoryFiles(MemoryFiles maker) {
    memoryFiles = maker;
  }

  public MemoryFiles memoryFiles() {
    return memoryFiles;
  }

  /** Sets how many names are cached at most beyond those in use. */
  public void setNameCacheLimit(int most) {
    cache.setLimit(most);
  }

  /** How many names are cached; for metrics. */
  public int cachedNames() {
    return cache.size();
  }

  /** How many mounts there are, in all trees; for metrics. */
  public int mountCount() {
    return mounts.size();
  }

  /** EROFS for a read-only mount. */
  void checkWritable(Mount mount) throws ErrnoException {
    if (mount.isReadOnly()) {
      throw ErrnoException.of(Errno.EROFS);
    }
  }

  void checkMayCreate(Credentials who, Dentry directory) throws ErrnoException {
    if (directory.isDeleted()) {
      throw ErrnoException.of(Errno.ENOENT);
    }
    UserNamespace ids = directory.inode().fileSystem().userNamespace();
    if (!ids.hasUid(who.fsuid()) || !ids.hasGid(who.fsgid())) {
      throw ErrnoException.of(Errno.EOVERFLOW);
    }
    Access.check(who, directory.inode(), Access.WRITE | Access.EXECUTE);
  }

  /** A new tree with the file system at its root. */
  public MountNamespace createNamespace(FileSystem root, int flags) {
    return mounts.first(this, new MountPointFileSystem(), root, flags);
  }

  /**
   * Finds a file.
   *
   * @param start where a relative path begins; null for the origin's working directory
   * @param flags {@link #FOLLOW}, {@link #DIRECTORY}, {@link #EMPTY}
   */
  public VfsPath walk(Origin origin, @Nullable VfsPath start, String path, int flags)
      throws ErrnoException {
    PathWalk walk = new PathWalk(this, origin, start, 0);
    try {
      return walk.to(path, flags);
    } finally {
      walk.close();
    }
  }

  /**
   * open(2), openat2(2). The caller sees to what {@link OpenFileDescription#leaseBreak} tells.
   *
   * @param flags all flags of open(2) but O_CLOEXEC
   * @param resolve RESOLVE_ flags of openat2(2)
   */
  public OpenFileDescription open(
      Origin origin, @Nullable VfsPath start, String path, int flags, int mode, long resolve)
      throws ErrnoException {
    PathWalk walk = new PathWalk(this, origin, start, resolve);
    try {
      return new Opening(this, origin, flags, mode).open(walk, path);
    } finally {
      walk.close();
    }
  }

  /** The place as a file of O_PATH. */
  public OpenFileDescription openPlace(Origin origin, VfsPath path) throws ErrnoException {
    return new Opening(this, origin, OpenFlags.O_PATH, 0).finish(path);
  }

  /** The place of an open file; one that serves only to ask it, if it has none. */
  public VfsPath placeOf(OpenFileDescription file) throws ErrnoException {
    VfsPath path = file.path();
    return path == null ? mounts.placeOf(file) : path;
  }

  /** Opens a file that was found before, without another check of permissions. */
  public OpenFileDescription openFound(VfsPath path, int flags) throws ErrnoException {
    return Opening.byType(specialFiles, path, flags);
  }

  public Inode mkdir(Origin origin, @Nullable VfsPath start, String path, int mode)
      throws ErrnoException {
    return names.mkdir(origin, start, path, mode).inode();
  }

  /**
   * mknod(2); also bind(2) of a socket with a name.
   *
   * @param mode with the type bits
   */
  public Inode mknod(Origin origin, @Nullable VfsPath start, String path, int mode, long device)
      throws ErrnoException {
    return names.mknod(origin, start, path, mode, device).inode();
  }

  public void symlink(Origin origin, @Nullable VfsPath start, String path, String target)
      throws ErrnoException {
    names.symlink(origin, start, path, target);
  }

  /** link(2), of a file that was found before. */
  public void link(Origin origin, VfsPath file, @Nullable VfsPath start, String path)
      throws ErrnoException {
    names.link(origin, file, start, path);
  }

  public void unlink(Origin origin, @Nullable VfsPath start, String path) throws ErrnoException {
    names.unlink(origin, start, path);
  }

  public void rmdir(Origin origin, @Nullable VfsPath start, String path) throws ErrnoException {
    names.rmdir(origin, start, path);
  }

  /**
   * renameat2(2).
   *
   * @param flags RENAME_NOREPLACE, RENAME_EXCHANGE
   */
  public void rename(
      Origin origin,
      @Nullable VfsPath start,
      String path,
      @Nullable VfsPath newStart,
      String newPath,
      int flags)
      throws ErrnoException {
    if (path.isEmpty() || newPath.isEmpty()) {
      throw ErrnoException.of(Errno.ENOENT);
    }
    PathWalk from = new PathWalk(this, origin, start, 0);
    PathWalk to = new PathWalk(this, origin, newStart, 0);
    try {
      from.toParent(path);
      to.toParent(newPath);
      new Renaming(this, origin.credentials(), from, to, flags).run(renameLock);
    } finally {
      from.close();
      to.close();
    }
  }

  /**
   * Mounts a file system on the kernel's own behalf.
   *
   * @param source as /proc/mounts shows it
   * @param flags MS_ flags of {@link Mount}
   */
  public Mount mount(VfsPath point, FileSystem fileSystem, String source, int flags)
      throws ErrnoException {
    return mounts.add(point, fileSystem, source, flags, 0, null);
  }

  /** MS_BIND of one mount, without what is mounted below. */
  public Mount bind(VfsPath from, VfsPath point) throws ErrnoException {
    return mounts.bind(from, point, false, null);
  }

  /** MS_BIND with MS_REC: with what is mounted below, as it is. */
  public Mount bindAll(VfsPath from, VfsPath point) throws ErrnoException {
    return mounts.bind(from, point, true, null);
  }

  /** MS_REMOUNT with MS_BIND: other flags for one mount. */
  public void remount(VfsPath path, int flags) throws ErrnoException {
    mounts.remount(path, flags, null);
  }

  /** The changes that a member of a namespace makes to its tree. */
  public TreeChanges changes(MountNamespace namespace) {
    return new TreeChanges(this, namespace);
  }

  /**
   * Makes a mount point that the directory's file system does not have and is not told of. It shows
   * while something is mounted on it, or somebody is in it.
   *
   * @param isDirectory or else a regular file
   * @throws ErrnoException EEXIST; what a look-up throws
   */
  public VfsPath makeMountPoint(VfsPath directory, String name, boolean isDirectory)
      throws ErrnoException {
    return names.makePoint(directory, name, mountPoints.make(isDirectory));
  }

  /** Whether {@link #makeMountPoint} has made the place: nothing else can be made in it. */
  public boolean isOnlyMountPoint(VfsPath place) {
    return place.dentry().isPoint();
  }

  /**
   * Looks anew at a directory and all below, whose files were changed without their names' cache.
   */
  public void refresh(VfsPath directory) throws ErrnoException {
    cache.refresh(directory.dentry());
  }

  /** What is mounted over a place, however often; the place itself if nothing is. */
  public VfsPath topOf(VfsPath path) {
    return mounts.topOf(path);
  }

  List<Mount> mountsOf(Mount root) {
    return mounts.mountsOf(root);
  }
}
