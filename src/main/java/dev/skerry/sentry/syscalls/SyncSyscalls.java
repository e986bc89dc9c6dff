package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.vfs.Inode;
import dev.skerry.sentry.vfs.OpenFileDescription;

/** fsync(2), sync(2) and their like; advice on caching: readahead(2), posix_fadvise(2). */
final class SyncSyscalls {
  private static final int SYNC_FILE_RANGE_FLAGS = 7;
  private static final int LAST_ADVICE = 5;

  private SyncSyscalls() {}

  static void register(SyscallTable table) {
    table.supported(Syscall.FSYNC, SyncSyscalls::fsync);
    table.supported(Syscall.FDATASYNC, SyncSyscalls::fdatasync);
    table.partial(
        Syscall.SYNC, SyncSyscalls::sync, "writes have reached the host's page cache already");
    table.partial(
        Syscall.SYNCFS, SyncSyscalls::syncfs, "writes have reached the host's page cache already");
    table.partial(Syscall.SYNC_FILE_RANGE, SyncSyscalls::syncFileRange, "the whole file is synced");
    table.partial(Syscall.READAHEAD, SyncSyscalls::readahead, "accepted and ignored");
    table.partial(Syscall.FADVISE64, SyncSyscalls::fadvise64, "accepted and ignored");
  }

  static long fsync(Task task, SyscallArgs args) throws ErrnoException {
    return sync(task, args.intAt(0), false);
  }

  static long fdatasync(Task task, SyscallArgs args) throws ErrnoException {
    return sync(task, args.intAt(0), true);
  }

  private static long sync(Task task, int fd, boolean dataOnly) throws ErrnoException {
    OpenFileDescription file = Paths.file(task, fd);
    try {
      return file.sync(dataOnly);
    } finally {
      file.drop();
    }
  }

  static long sync(Task task, SyscallArgs args) {
    return 0;
  }

  static long syncfs(Task task, SyscallArgs args) throws ErrnoException {
    Paths.file(task, args.intAt(0)).drop();
    return 0;
  }

  static long syncFileRange(Task task, SyscallArgs args) throws ErrnoException {
    long offset = args.longAt(1);
    long length = args.longAt(2);
    int flags = args.intAt(3);
    OpenFileDescription file = Paths.file(task, args.intAt(0));
    try {
      if ((flags & ~SYNC_FILE_RANGE_FLAGS) != 0
          || offset < 0
          || length < 0
          || offset + length < 0) {
        return -Errno.EINVAL;
      }
      int type = file.stat().mode() & Inode.S_IFMT;
      if (type != Inode.S_IFREG && type != Inode.S_IFDIR && type != Inode.S_IFBLK) {
        return -Errno.ESPIPE;
      }
      return flags == 0 ? 0 : file.sync(true);
    } finally {
      file.drop();
    }
  }

  static long readahead(Task task, SyscallArgs args) throws ErrnoException {
    OpenFileDescription file = Paths.file(task, args.intAt(0));
    try {
      if (!file.isReadable()) {
        return -Errno.EBADF;
      }
      int type = file.stat().mode() & Inode.S_IFMT;
      return type == Inode.S_IFREG || type == Inode.S_IFBLK ? 0 : -Errno.EINVAL;
    } finally {
      file.drop();
    }
  }

  static long fadvise64(Task task, SyscallArgs args) throws ErrnoException {
    OpenFileDescription file = Paths.file(task, args.intAt(0));
    try {
      if ((file.stat().mode() & Inode.S_IFMT) == Inode.S_IFIFO) {
        return -Errno.ESPIPE;
      }
      int advice = args.intAt(3);
      return advice < 0 || advice > LAST_ADVICE || args.longAt(2) < 0 ? -Errno.EINVAL : 0;
    } finally {
      file.drop();
    }
  }
}
