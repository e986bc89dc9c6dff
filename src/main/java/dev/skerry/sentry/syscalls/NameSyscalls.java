package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Capability;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.vfs.Inode;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.PlacedFile;
import dev.skerry.sentry.vfs.VfsPath;
import dev.skerry.sentry.vfs.VirtualFileSystem;

/** Making, removing and changing names: mkdir(2), mknod(2), link(2), unlink(2), rename(2). */
final class NameSyscalls {
  private static final int RENAME_NOREPLACE = 1;
  private static final int RENAME_EXCHANGE = 2;
  private static final int RENAME_WHITEOUT = 4;

  private NameSyscalls() {}

  static void register(SyscallTable table) {
    table.supported(Syscall.MKDIR, NameSyscalls::mkdir);
    table.supported(Syscall.MKDIRAT, NameSyscalls::mkdirat);
    table.supported(Syscall.MKNOD, NameSyscalls::mknod);
    table.supported(Syscall.MKNODAT, NameSyscalls::mknodat);
    table.supported(Syscall.SYMLINK, NameSyscalls::symlink);
    table.supported(Syscall.SYMLINKAT, NameSyscalls::symlinkat);
    table.supported(Syscall.LINK, NameSyscalls::link);
    table.supported(Syscall.LINKAT, NameSyscalls::linkat);
    table.supported(Syscall.UNLINK, NameSyscalls::unlink);
    table.supported(Syscall.RMDIR, NameSyscalls::rmdir);
    table.supported(Syscall.UNLINKAT, NameSyscalls::unlinkat);
    table.supported(Syscall.RENAME, NameSyscalls::rename);
    table.supported(Syscall.RENAMEAT, NameSyscalls::renameat);
    table.partial(Syscall.RENAMEAT2, NameSyscalls::renameat2, "RENAME_WHITEOUT is refused");
  }

  private static VirtualFileSystem vfs(Task task) {
    return task.kernel().vfs();
  }

  static long mkdir(Task task, SyscallArgs args) throws ErrnoException {
    return mkdir(task, Paths.AT_FDCWD, args.addressAt(0), args.intAt(1));
  }

  static long mkdirat(Task task, SyscallArgs args) throws ErrnoException {
    return mkdir(task, args.intAt(0), args.addressAt(1), args.intAt(2));
  }

  private static long mkdir(Task task, int dirFd, long address, int mode) throws ErrnoException {
    String path = Paths.read(task, address);
    vfs(task).mkdir(Paths.origin(task), Paths.start(task, dirFd, path), path, mode);
    return 0;
  }

  static long mknod(Task task, SyscallArgs args) throws ErrnoException {
    return mknod(task, Paths.AT_FDCWD, args.addressAt(0), args.intAt(1), args.intAt(2));
  }

  static long mknodat(Task task, SyscallArgs args) throws ErrnoException {
    return mknod(task, args.intAt(0), args.addressAt(1), args.intAt(2), args.intAt(3));
  }

  private static long mknod(Task task, int dirFd, long address, int mode, int device)
      throws ErrnoException {
    int type = mode & Inode.S_IFMT;
    String path = Paths.read(task, address);
    switch (type) {
      case 0, Inode.S_IFREG, Inode.S_IFIFO, Inode.S_IFSOCK, Inode.S_IFCHR, Inode.S_IFBLK -> {}
      case Inode.S_IFDIR -> {
        return -Errno.EPERM;
      }
      default -> {
        return -Errno.EINVAL;
      }
    }
    boolean isDevice = type == Inode.S_IFCHR || type == Inode.S_IFBLK;
    vfs(task)
        .mknod(
            Paths.origin(task),
            Paths.start(task, dirFd, path),
            path,
            type == 0 ? mode | Inode.S_IFREG : mode,
            isDevice ? device & 0xffff_ffffL : 0);
    return 0;
  }

  static long symlink(Task task, SyscallArgs args) throws ErrnoException {
    return symlink(task, args.addressAt(0), Paths.AT_FDCWD, args.addressAt(1));
  }

  static long symlinkat(Task task, SyscallArgs args) throws ErrnoException {
    return symlink(task, args.addressAt(0), args.intAt(1), args.addressAt(2));
  }

  private static long symlink(Task task, long targetAddress, int dirFd, long address)
      throws ErrnoException {
    String target = Paths.read(task, targetAddress);
    String path = Paths.read(task, address);
    vfs(task).symlink(Paths.origin(task), Paths.start(task, dirFd, path), path, target);
    return 0;
  }

  static long link(Task task, SyscallArgs args) throws ErrnoException {
    return link(task, Paths.AT_FDCWD, args.addressAt(0), Paths.AT_FDCWD, args.addressAt(1), 0);
  }

  static long linkat(Task task, SyscallArgs args) throws ErrnoException {
    return link(
        task, args.intAt(0), args.addressAt(1), args.intAt(2), args.addressAt(3), args.intAt(4));
  }

  private static long link(
      Task task, int oldFd, long oldAddress, int newFd, long newAddress, int flags)
      throws ErrnoException {
    if ((flags & ~(Paths.AT_SYMLINK_FOLLOW | Paths.AT_EMPTY_PATH)) != 0) {
      return -Errno.EINVAL;
    }
    String oldPath = Paths.read(task, oldAddress, flags);
    String newPath = Paths.read(task, newAddress);
    if (newPath.isEmpty()) {
      return -Errno.ENOENT;
    }
    boolean empty = oldPath.isEmpty() && (flags & Paths.AT_EMPTY_PATH) != 0;
    if (empty && !mayLinkByDescriptor(task, oldFd)) {
      return -Errno.ENOENT;
    }
    int walkFlags = flags & Paths.AT_EMPTY_PATH;
    if ((flags & Paths.AT_SYMLINK_FOLLOW) == 0) {
      walkFlags |= Paths.AT_SYMLINK_NOFOLLOW;
    }
    VfsPath file = Paths.walk(task, oldFd, oldPath, walkFlags);
    vfs(task).link(Paths.origin(task), file, Paths.start(task, newFd, newPath), newPath);
    return 0;
  }

  /** A descriptor that came from somebody else gives no right to a name for its file (open(2)). */
  private static boolean mayLinkByDescriptor(Task task, int fd) throws ErrnoException {
    if (task.credentials().hasCapability(Capability.DAC_READ_SEARCH) || fd == Paths.AT_FDCWD) {
      return true;
    }
    OpenFileDescription file = Paths.anyFile(task, fd);
    file.drop();
    return file instanceof PlacedFile placed && placed.wasOpenedUnder(task.credentials());
  }

  static long unlink(Task task, SyscallArgs args) throws ErrnoException {
    return unlink(task, Paths.AT_FDCWD, args.addressAt(0));
  }

  static long rmdir(Task task, SyscallArgs args) throws ErrnoException {
    return rmdir(task, Paths.AT_FDCWD, args.addressAt(0));
  }

  static long unlinkat(Task task, SyscallArgs args) throws ErrnoException {
    int flags = args.intAt(2);
    if ((flags & ~Paths.AT_REMOVEDIR) != 0) {
      return -Errno.EINVAL;
    }
    return flags == 0
        ? unlink(task, args.intAt(0), args.addressAt(1))
        : rmdir(task, args.intAt(0), args.addressAt(1));
  }

  private static long unlink(Task task, int dirFd, long address) throws ErrnoException {
    String path = Paths.read(task, address);
    vfs(task).unlink(Paths.origin(task), Paths.start(task, dirFd, path), path);
    return 0;
  }

  private static long rmdir(Task task, int dirFd, long address) throws ErrnoException {
    String path = Paths.read(task, address);
    vfs(task).rmdir(Paths.origin(task), Paths.start(task, dirFd, path), path);
    return 0;
  }

  static long rename(Task task, SyscallArgs args) throws ErrnoException {
    return rename(task, Paths.AT_FDCWD, args.addressAt(0), Paths.AT_FDCWD, args.addressAt(1), 0);
  }

  static long renameat(Task task, SyscallArgs args) throws ErrnoException {
    return rename(task, args.intAt(0), args.addressAt(1), args.intAt(2), args.addressAt(3), 0);
  }

  static long renameat2(Task task, SyscallArgs args) throws ErrnoException {
    int flags = args.intAt(4);
    int known = RENAME_NOREPLACE | RENAME_EXCHANGE | RENAME_WHITEOUT;
    boolean exchanges = (flags & RENAME_EXCHANGE) != 0;
    boolean replaces = (flags & RENAME_NOREPLACE) == 0;
    if ((flags & ~known) != 0 || (flags & RENAME_WHITEOUT) != 0 || (exchanges && !replaces)) {
      return -Errno.EINVAL;
    }
    return rename(task, args.intAt(0), args.addressAt(1), args.intAt(2), args.addressAt(3), flags);
  }

  private static long rename(
      Task task, int oldFd, long oldAddress, int newFd, long newAddress, int flags)
      throws ErrnoException {
    String oldPath = Paths.read(task, oldAddress);
    String newPath = Paths.read(task, newAddress);
    vfs(task)
        .rename(
            Paths.origin(task),
            Paths.start(task, oldFd, oldPath),
            oldPath,
            Paths.start(task, newFd, newPath),
            newPath,
            flags);
    return 0;
  }
}
