package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.OpenFlags;
import dev.skerry.sentry.vfs.Origin;
import dev.skerry.sentry.vfs.VfsPath;
import dev.skerry.sentry.vfs.VirtualFileSystem;
import org.jspecify.annotations.Nullable;

/** Paths and directory descriptors among the arguments of a call (openat(2)). */
final class Paths {
  static final int AT_FDCWD = -100;
  static final int AT_SYMLINK_NOFOLLOW = 0x100;
  static final int AT_REMOVEDIR = 0x200;
  static final int AT_SYMLINK_FOLLOW = 0x400;
  static final int AT_NO_AUTOMOUNT = 0x800;
  static final int AT_EMPTY_PATH = 0x1000;

  private static final int PATH_MAX = 4096;

  private Paths() {}

  static Origin origin(Task task) {
    return task.fs().origin(task.credentials());
  }

  /** A path that the guest names; ENAMETOOLONG from 4096 bytes on, ENOENT for none. */
  static String read(Task task, long address) throws ErrnoException {
    return read(task, address, 0);
  }

  /** As {@link #read}; with AT_EMPTY_PATH it may be empty, and a null pointer is an empty path. */
  static String read(Task task, long address, int flags) throws ErrnoException {
    boolean mayBeEmpty = (flags & AT_EMPTY_PATH) != 0;
    if (address == 0 && mayBeEmpty) {
      return "";
    }
    String path = task.memory().readString(address, PATH_MAX);
    if (path.isEmpty() && !mayBeEmpty) {
      throw ErrnoException.of(Errno.ENOENT);
    }
    return path;
  }

  /** Where a relative path begins: null for the working directory, and for an absolute path. */
  static @Nullable VfsPath start(Task task, int dirFd, String path) throws ErrnoException {
    if (dirFd == AT_FDCWD || path.startsWith("/")) {
      return null;
    }
    OpenFileDescription directory = task.files().acquire(dirFd);
    if (directory == null) {
      throw ErrnoException.of(Errno.EBADF);
    }
    try {
      VfsPath start = directory.path();
      if (start == null && path.isEmpty()) {
        start = task.kernel().vfs().placeOf(directory);
      }
      if (start == null) {
        throw ErrnoException.of(Errno.ENOTDIR);
      }
      return start;
    } finally {
      directory.drop();
    }
  }

  /** Finds the file that directory descriptor, path and AT_ flags name. */
  static VfsPath walk(Task task, int dirFd, String path, int flags) throws ErrnoException {
    int walkFlags = (flags & AT_SYMLINK_NOFOLLOW) != 0 ? 0 : VirtualFileSystem.FOLLOW;
    if ((flags & AT_EMPTY_PATH) != 0) {
      walkFlags |= VirtualFileSystem.EMPTY;
    }
    VfsPath start = start(task, dirFd, path);
    return task.kernel().vfs().walk(origin(task), start, path, walkFlags);
  }

  /** The open file with a reference for the caller, unless O_PATH opened it; EBADF. */
  static OpenFileDescription file(Task task, int fd) throws ErrnoException {
    OpenFileDescription file = task.files().acquire(fd);
    if (file == null) {
      throw ErrnoException.of(Errno.EBADF);
    }
    if ((file.flags() & OpenFlags.O_PATH) != 0) {
      file.drop();
      throw ErrnoException.of(Errno.EBADF);
    }
    return file;
  }

  /** The open file with a reference for the caller, however it was opened; EBADF. */
  static OpenFileDescription anyFile(Task task, int fd) throws ErrnoException {
    OpenFileDescription file = task.files().acquire(fd);
    if (file == null) {
      throw ErrnoException.of(Errno.EBADF);
    }
    return file;
  }
}
