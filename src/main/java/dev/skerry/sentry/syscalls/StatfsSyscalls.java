package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.vfs.FileSystem;
import dev.skerry.sentry.vfs.Mount;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.StatFs;
import dev.skerry.sentry.vfs.VfsPath;
import java.util.List;

/** statfs(2) and fstatfs(2), and what came before them: ustat(2), sysfs(2). */
final class StatfsSyscalls {
  private static final int STATFS_SIZE = 120;

  /** The ST_ flags of statvfs(3), which are not the mount's own numbers for all. */
  private static final int ST_VALID = 0x20;

  private static final int ST_NOATIME = 0x400;
  private static final int ST_NODIRATIME = 0x800;
  private static final int ST_RELATIME = 0x1000;
  private static final int ST_NOSYMFOLLOW = 0x2000;

  /** sizeof(struct ustat). */
  private static final int USTAT_SIZE = 32;

  private static final int SYSFS_INDEX = 1;
  private static final int SYSFS_NAME = 2;
  private static final int SYSFS_COUNT = 3;
  private static final int PAGE = 4096;

  private StatfsSyscalls() {}

  static void register(SyscallTable table) {
    table.supported(Syscall.STATFS, StatfsSyscalls::statfs);
    table.supported(Syscall.FSTATFS, StatfsSyscalls::fstatfs);
    table.supported(Syscall.USTAT, StatfsSyscalls::ustat);
    table.supported(Syscall.SYSFS, StatfsSyscalls::sysfs);
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
    int set = mount.flags();
    int flags = ST_VALID;
    flags |= set & (Mount.MS_NOSUID | Mount.MS_NODEV | Mount.MS_NOEXEC);
    flags |= mount.isReadOnly() ? Mount.MS_RDONLY : 0;
    flags |= (set & Mount.MS_NOATIME) != 0 ? ST_NOATIME : 0;
    flags |= (set & Mount.MS_NODIRATIME) != 0 ? ST_NODIRATIME : 0;
    flags |= (set & (Mount.MS_NOATIME | Mount.MS_STRICTATIME)) == 0 ? ST_RELATIME : 0;
    return flags | (mount.isNoSymfollow() ? ST_NOSYMFOLLOW : 0);
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

  /** Free blocks and inodes of what is mounted with a device number. */
  static long ustat(Task task, SyscallArgs args) throws ErrnoException {
    int device = args.intAt(0);
    for (Mount mount : task.mountNamespace().mounts()) {
      FileSystem fileSystem = mount.fileSystem();
      if ((int) mount.root().inode().stat().dev() == device) {
        StatFs stat = fileSystem.statFs();
        return new StructWriter(USTAT_SIZE)
            .putInt(0, (int) stat.freeBlocks())
            .putLong(8, stat.freeFiles())
            .tryCopyOut(task.memory(), args.addressAt(1));
      }
    }
    return -Errno.EINVAL;
  }

  /** The types of file systems, by number. */
  static long sysfs(Task task, SyscallArgs args) throws ErrnoException {
    List<String> names = task.kernel().vfs().types().names();
    switch (args.intAt(0)) {
      case SYSFS_INDEX -> {
        String name = task.memory().readString(args.addressAt(1), PAGE);
        int index = names.indexOf(name);
        return index < 0 ? -Errno.EINVAL : index;
      }
      case SYSFS_NAME -> {
        int index = args.intAt(1);
        if (index < 0 || index >= names.size()) {
          return -Errno.EINVAL;
        }
        String name = names.get(index);
        return new StructWriter(name.length() + 1)
            .putString(0, name.length() + 1, name)
            .tryCopyOut(task.memory(), args.addressAt(2));
      }
      case SYSFS_COUNT -> {
        return names.size();
      }
      default -> {
        return -Errno.EINVAL;
      }
    }
  }
}
