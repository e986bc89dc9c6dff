package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.FdTable;
import dev.skerry.sentry.kernel.IoSignal;
import dev.skerry.sentry.kernel.PidFile;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.landlock.AccessRights;
import dev.skerry.sentry.socket.SocketFile;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.OpenFlags;
import dev.skerry.sentry.vfs.VfsPath;

/** ioctl(2): the requests that every file understands; the rest is the file's affair. */
final class IoctlSyscalls {
  private static final int FIONCLEX = 0x5450;
  private static final int FIOCLEX = 0x5451;
  private static final int FIONBIO = 0x5421;
  private static final int FIOASYNC = 0x5452;
  private static final int FIOSETOWN = 0x8901;
  private static final int SIOCSPGRP = 0x8902;
  private static final int FIOGETOWN = 0x8903;
  private static final int SIOCGPGRP = 0x8904;

  private static final int FIGETBSZ = 2;
  private static final int FIOQSIZE = 0x5460;
  private static final int FIFREEZE = 0xc004_5877;
  private static final int FITHAW = 0xc004_5878;
  private static final int FS_IOC_FIEMAP = 0xc020_660b;
  private static final int FICLONE = 0x4004_9409;
  private static final int FICLONERANGE = 0x4020_940d;
  private static final int FIDEDUPERANGE = 0xc018_9436;
  private static final int FS_IOC_GETFSUUID = 0x8011_1500;
  private static final int FS_IOC_GETFSSYSFSPATH = 0x8081_1501;

  private IoctlSyscalls() {}

  static void register(SyscallTable table) {
    table.partial(
        Syscall.IOCTL, IoctlSyscalls::ioctl, "terminals, sockets, pipes and the general requests");
  }

  /** Whether the request is no affair of a device's, which landlock(7) could restrict. */
  private static boolean isForAllFiles(int request) {
    return switch (request) {
      case FIOCLEX,
          FIONCLEX,
          FIONBIO,
          FIOASYNC,
          FIGETBSZ,
          FIOQSIZE,
          FIFREEZE,
          FITHAW,
          FS_IOC_FIEMAP,
          FICLONE,
          FICLONERANGE,
          FIDEDUPERANGE,
          FS_IOC_GETFSUUID,
          FS_IOC_GETFSSYSFSPATH ->
          true;
      default -> false;
    };
  }

  static long ioctl(Task task, SyscallArgs args) throws ErrnoException {
    int fd = args.intAt(0);
    int request = args.intAt(1);
    OpenFileDescription file = task.files().acquire(fd);
    if (file == null) {
      return -Errno.EBADF;
    }
    try {
      if ((file.flags() & OpenFlags.O_PATH) != 0) {
        return -Errno.EBADF;
      }
      if (file.isWithheld(AccessRights.IOCTL_DEV) && !isForAllFiles(request)) {
        return -Errno.EACCES;
      }
      return switch (request) {
        case FIOCLEX -> task.files().setFlags(fd, FdTable.FD_CLOEXEC);
        case FIONCLEX -> task.files().setFlags(fd, 0);
        case FIONBIO -> setFlag(task, file, args.addressAt(2), OpenFlags.O_NONBLOCK);
        case FIOASYNC -> {
          boolean on = task.memory().readInt(args.addressAt(2)) != 0;
          boolean same = on == ((file.flags() & OpenFlags.O_ASYNC) != 0);
          yield same || IoSignal.set(task, file, fd, on) ? 0 : -Errno.ENOTTY;
        }
        default -> other(task, file, request, args.addressAt(2));
      };
    } finally {
      file.drop();
    }
  }

  private static long other(Task task, OpenFileDescription file, int request, long argument)
      throws ErrnoException {
    if (file instanceof SocketFile socket) {
      return socketIoctl(task, socket, request, argument);
    }
    VfsPath path = file.path();
    if (path != null && FileFlagSyscalls.isRequest(request) && path.inode().hasFlags()) {
      return FileFlagSyscalls.ioctl(task, path, request, argument);
    }
    return file instanceof PidFile process
        ? PidFileRequests.ioctl(task, process, request, argument)
        : file.ioctl(task.memory(), request, argument);
  }

  /** Linux: sock_ioctl() of net/socket.c. */
  private static long socketIoctl(Task task, SocketFile socket, int request, long address)
      throws ErrnoException {
    return switch (request) {
      case FIOSETOWN, SIOCSPGRP ->
          FcntlSyscalls.setOwner(task, socket, task.memory().readInt(address));
      case FIOGETOWN, SIOCGPGRP ->
          task.memory().storeInt(address, FcntlSyscalls.owner(task, socket));
      default ->
          Timestamps.isRequest(request)
              ? Timestamps.ioctl(task, socket, request, address)
              : socket.ioctl(task.memory(), request, address);
    };
  }

  private static long setFlag(Task task, OpenFileDescription file, long address, int flag)
      throws ErrnoException {
    boolean on = task.memory().readInt(address) != 0;
    file.setFlags(on ? file.flags() | flag : file.flags() & ~flag);
    return 0;
  }
}
