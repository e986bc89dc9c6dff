package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.vfs.Inode;
import dev.skerry.sentry.vfs.VfsPath;

/** quotactl(2), of file systems without quotas, none of which is on a device. Linux: fs/quota. */
final class QuotaSyscalls {
  private static final int TYPES = 3;
  private static final int TYPE_MASK = 0xff;
  private static final int COMMAND_SHIFT = 8;
  private static final int Q_SYNC = 0x80_0001;

  private QuotaSyscalls() {}

  static void register(SyscallTable table) {
    String note = "no file system has quotas";
    table.partial(Syscall.QUOTACTL, QuotaSyscalls::quotactl, note);
    table.partial(Syscall.QUOTACTL_FD, QuotaSyscalls::quotactl_fd, note);
  }

  static long quotactl(Task task, SyscallArgs args) throws ErrnoException {
    int command = args.intAt(0) >>> COMMAND_SHIFT;
    if ((args.intAt(0) & TYPE_MASK) >= TYPES) {
      return -Errno.EINVAL;
    }
    if (args.addressAt(1) == 0) {
      return command == Q_SYNC ? 0 : -Errno.ENODEV;
    }
    String path = Paths.read(task, args.addressAt(1));
    VfsPath found = Paths.walk(task, Paths.AT_FDCWD, path, 0);
    if (found.inode().type() != Inode.S_IFBLK) {
      return -Errno.ENOTBLK;
    }
    return found.mount().allowsDevices() ? -Errno.ENODEV : -Errno.EACCES;
  }

  static long quotactl_fd(Task task, SyscallArgs args) throws ErrnoException {
    Paths.anyFile(task, args.intAt(0)).drop();
    return (args.intAt(1) & TYPE_MASK) >= TYPES ? -Errno.EINVAL : -Errno.ENOSYS;
  }
}
