package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.vfs.Mount;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.StatFs;
import dev.skerry.sentry.vfs.VfsPath;

/** statfs(2) and fstatfs(2). */
final class StatfsSyscalls {
  private static final int STATFS_SIZE = 120;

  /** The ST_ flags of statvfs(3), which are not the mount's own numbers for all. */
  private static final int ST_VALID = 0x20;

  private static final int ST_NOATIME = 0x400;
  private static final int ST_RELATIME = 0x1000;

  private StatfsSyscalls() {}

  static void register(SyscallTable table) {
    table.supported(Syscall.STATFS, StatfsSyscalls::statfs);
    table.supported(Syscall.FSTATFS, StatfsSyscalls::fstatfs);
  }

  static long statfs(Task task, SyscallArgs args) throws ErrnoException {
    String path = Paths.read(task, args.addressAt(0));
    return copyOut(task, Paths.walk(task, Paths.AT_FDCWD, path, 0), args.addressAt(1));
  }

  static long fstatfs(Task task, SyscallArgs args) throws ErrnoException {
    OpenFileDescription file = Paths.anyFile(task, args.intAt(0));
    try {
      return copyOut(task, task.kernel().vfs().placeOf(file), args.addressAt(1));
    } finally {
      file.drop();
    }
  }

  private static int flags(Mount mount) {
    int flags = ST_VALID;
    flags |= mount.flags() & (Mount.MS_RDONLY | Mount.MS_NOSUID | Mount.MS_NODEV | Mount.MS_NOEXEC);
    return flags | ((mount.flags() & Mount.MS_NOATIME) != 0 ? ST_NOATIME : ST_RELATIME);
  }

  /** A struct statfs of x86-64 (include/uapi/asm-generic/statfs.h). */
  private static long copyOut(Task task, VfsPath path, long address) throws ErrnoException {
    StatFs stat = path.inode().fileSystem().statFs();
    return new StructWriter(STATFS_SIZE)
        .putLong(0, stat.type())
        .putLong(8, stat.blockSize())
        .putLong(16, stat.blocks())
        .putLong(24, stat.freeBlocks())
        .putLong(32, stat.availableBlocks())
        .putLong(40, stat.files())
        .putLong(48, stat.freeFiles())
        .putLong(56, stat.fsid())
        .putLong(64, stat.maxNameLength())
        .putLong(72, stat.fragmentSize())
        .putLong(80, flags(path.mount()))
        .tryCopyOut(task.memory(), address);
  }
}
