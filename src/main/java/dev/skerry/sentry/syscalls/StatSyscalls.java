package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.UserNamespace;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.vfs.FileFlags;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.Stat;
import dev.skerry.sentry.vfs.VfsPath;
import org.jspecify.annotations.Nullable;

/** stat(2) and its relatives, statx(2), readlink(2). */
final class StatSyscalls {
  private static final int STAT_SIZE = 144;
  private static final int STATX_SIZE = 256;
  private static final int AT_STATX_SYNC_TYPE = 0x6000;
  private static final int STATX_BASIC_STATS = 0x07ff;
  private static final int STATX_BTIME = 0x0800;
  private static final int STATX_MNT_ID = 0x1000;
  private static final int STATX_MNT_ID_UNIQUE = 0x4000;
  private static final int STATX_RESERVED = 0x8000_0000;
  private static final long STATX_ATTR_MOUNT_ROOT = 0x2000;

  /** STATX_ATTR_IMMUTABLE and so on, whose bits are those of the flags. */
  private static final int STATX_ATTR_FLAGS =
      FileFlags.IMMUTABLE | FileFlags.APPEND | FileFlags.NODUMP;

  private static final int MOST_TARGET_BYTES = 4096;
  private static final int STAT_FLAGS =
      Paths.AT_SYMLINK_NOFOLLOW | Paths.AT_NO_AUTOMOUNT | Paths.AT_EMPTY_PATH;

  private StatSyscalls() {}

  static void register(SyscallTable table) {
    table.supported(Syscall.STAT, StatSyscalls::stat);
    table.supported(Syscall.LSTAT, StatSyscalls::lstat);
    table.supported(Syscall.FSTAT, StatSyscalls::fstat);
    table.supported(Syscall.NEWFSTATAT, StatSyscalls::newfstatat);
    table.partial(Syscall.STATX, StatSyscalls::statx, "no direct I/O alignment, no subvolumes");
    table.supported(Syscall.READLINK, StatSyscalls::readlink);
    table.supported(Syscall.READLINKAT, StatSyscalls::readlinkat);
  }

  static long stat(Task task, SyscallArgs args) throws ErrnoException {
    return pathStat(task, Paths.AT_FDCWD, args.addressAt(0), args.addressAt(1), 0);
  }

  static long lstat(Task task, SyscallArgs args) throws ErrnoException {
    return pathStat(
        task, Paths.AT_FDCWD, args.addressAt(0), args.addressAt(1), Paths.AT_SYMLINK_NOFOLLOW);
  }

  static long newfstatat(Task task, SyscallArgs args) throws ErrnoException {
    int flags = args.intAt(3);
    if ((flags & ~STAT_FLAGS) != 0) {
      return -Errno.EINVAL;
    }
    return pathStat(task, args.intAt(0), args.addressAt(1), args.addressAt(2), flags);
  }

  private static long pathStat(Task task, int dirFd, long pathAddress, long address, int flags)
      throws ErrnoException {
    String path = Paths.read(task, pathAddress, flags);
    if (path.isEmpty() && (flags & Paths.AT_EMPTY_PATH) != 0 && dirFd != Paths.AT_FDCWD) {
      return fileStat(task, dirFd, address);
    }
    return copyOut(task, Paths.walk(task, dirFd, path, flags).inode().stat(), address);
  }

  static long fstat(Task task, SyscallArgs args) throws ErrnoException {
    return fileStat(task, args.intAt(0), args.addressAt(1));
  }

  private static long fileStat(Task task, int fd, long address) throws ErrnoException {
    OpenFileDescription file = Paths.anyFile(task, fd);
    try {
      return copyOut(task, file.stat(), address);
    } finally {
      file.drop();
    }
  }

  /** A struct stat of x86-64 (arch/x86/include/uapi/asm/stat.h). */
  private static long copyOut(Task task, Stat stat, long address) {
    UserNamespace ids = task.credentials().userNamespace();
    StructWriter struct =
        new StructWriter(STAT_SIZE)
            .putLong(0, stat.dev())
            .putLong(8, stat.ino())
            .putLong(16, stat.nlink())
            .putInt(24, stat.mode())
            .putInt(28, ids.shownUid(stat.uid()))
            .putInt(32, ids.shownGid(stat.gid()))
            .putLong(40, stat.rdev())
            .putLong(48, stat.size())
            .putLong(56, stat.blksize())
            .putLong(64, stat.blocks());
    Times.putTimespec(struct, 72, stat.atime());
    Times.putTimespec(struct, 88, stat.mtime());
    Times.putTimespec(struct, 104, stat.ctime());
    return struct.tryCopyOut(task.memory(), address);
  }

  static long statx(Task task, SyscallArgs args) throws ErrnoException {
    int dirFd = args.intAt(0);
    int flags = args.intAt(2);
    int mask = args.intAt(3);
    boolean badSync = (flags & AT_STATX_SYNC_TYPE) == AT_STATX_SYNC_TYPE;
    if ((mask & STATX_RESERVED) != 0 || badSync) {
      return -Errno.EINVAL;
    }
    if ((flags & ~(STAT_FLAGS | AT_STATX_SYNC_TYPE)) != 0) {
      return -Errno.EINVAL;
    }
    String path = Paths.read(task, args.addressAt(1), flags);
    long address = args.addressAt(4);
    if (path.isEmpty() && (flags & Paths.AT_EMPTY_PATH) != 0 && dirFd != Paths.AT_FDCWD) {
      OpenFileDescription file = Paths.anyFile(task, dirFd);
      try {
        return copyOutExtended(task, file.stat(), file.path(), address, mask);
      } finally {
        file.drop();
      }
    }
    VfsPath found = Paths.walk(task, dirFd, path, flags);
    return copyOutExtended(task, found.inode().stat(), found, address, mask);
  }

  /** A struct statx (include/uapi/linux/stat.h). */
  private static long copyOutExtended(
      Task task, Stat stat, @Nullable VfsPath path, long address, int wanted) {
    boolean mountRoot = path != null && path.dentry() == path.mount().root();
    boolean unique = (wanted & STATX_MNT_ID_UNIQUE) != 0;
    int mask =
        STATX_BASIC_STATS
            | (unique ? STATX_MNT_ID_UNIQUE : STATX_MNT_ID)
            | (stat.btime() != 0 ? STATX_BTIME : 0);
    boolean flags = path != null && path.inode().hasFlags();
    UserNamespace ids = task.credentials().userNamespace();
    StructWriter struct =
        new StructWriter(STATX_SIZE)
            .putInt(0, mask)
            .putInt(4, stat.blksize())
            .putLong(8, (mountRoot ? STATX_ATTR_MOUNT_ROOT : 0) | flagsOf(path))
            .putInt(16, stat.nlink())
            .putInt(20, ids.shownUid(stat.uid()))
            .putInt(24, ids.shownGid(stat.gid()))
            .putShort(28, stat.mode())
            .putLong(32, stat.ino())
            .putLong(40, stat.size())
            .putLong(48, stat.blocks())
            .putLong(56, STATX_ATTR_MOUNT_ROOT | (flags ? STATX_ATTR_FLAGS : 0))
            .putInt(128, major(stat.rdev()))
            .putInt(132, minor(stat.rdev()))
            .putInt(136, major(stat.dev()))
            .putInt(140, minor(stat.dev()))
            .putLong(144, path == null ? 0 : mountId(path, unique));
    putTimestamp(struct, 64, stat.atime());
    putTimestamp(struct, 80, stat.btime());
    putTimestamp(struct, 96, stat.ctime());
    putTimestamp(struct, 112, stat.mtime());
    return struct.tryCopyOut(task.memory(), address);
  }

  private static int flagsOf(@Nullable VfsPath path) {
    return path == null ? 0 : path.inode().flags() & STATX_ATTR_FLAGS;
  }

  private static long mountId(VfsPath path, boolean unique) {
    return unique ? path.mount().uniqueId() : path.mount().id();
  }

  private static void putTimestamp(StructWriter struct, int offset, long nanos) {
    struct
        .putLong(offset, Math.floorDiv(nanos, Times.SECOND))
        .putInt(offset + 8, (int) Math.floorMod(nanos, Times.SECOND));
  }

  /** As makedev(3) packs it. */
  private static int major(long device) {
    return (int) ((device >>> 8 & 0xfff) | (device >>> 32 & 0xffff_f000L));
  }

  private static int minor(long device) {
    return (int) ((device & 0xff) | (device >>> 12 & 0xffff_ff00L));
  }

  static long readlink(Task task, SyscallArgs args) throws ErrnoException {
    return readlink(task, Paths.AT_FDCWD, args.addressAt(0), args.addressAt(1), args.intAt(2));
  }

  static long readlinkat(Task task, SyscallArgs args) throws ErrnoException {
    return readlink(task, args.intAt(0), args.addressAt(1), args.addressAt(2), args.intAt(3));
  }

  private static long readlink(Task task, int dirFd, long pathAddress, long address, int size)
      throws ErrnoException {
    if (size <= 0) {
      return -Errno.EINVAL;
    }
    String path = Paths.read(task, pathAddress, pathAddress == 0 ? 0 : Paths.AT_EMPTY_PATH);
    // An O_PATH descriptor of the link itself, with an empty path, is allowed without a flag.
    int flags = Paths.AT_SYMLINK_NOFOLLOW | (dirFd == Paths.AT_FDCWD ? 0 : Paths.AT_EMPTY_PATH);
    VfsPath found = Paths.walk(task, dirFd, path, flags);
    if (!found.inode().isSymlink()) {
      return path.isEmpty() ? -Errno.ENOENT : -Errno.EINVAL;
    }
    String target = found.inode().readlink();
    int length = Math.min(Math.min(target.length(), size), MOST_TARGET_BYTES);
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) target.charAt(i);
    }
    return task.memory().copyOut(address, bytes, 0, length);
  }
}
