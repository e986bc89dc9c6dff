package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;
import dev.skerry.hostos.Host;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.vfs.Access;
import dev.skerry.sentry.vfs.Inode;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.Stat;
import dev.skerry.sentry.vfs.VfsPath;

/** fsync(2), sync(2) and their like; advice on caching: readahead(2), posix_fadvise(2). */
final class SyncSyscalls {
  private static final int SYNC_FILE_RANGE_FLAGS = 7;
  private static final int LAST_ADVICE = 5;

  /** sizeof(struct cachestat_range) and of struct cachestat. */
  private static final int RANGE_SIZE = 16;

  private static final int CACHESTAT_SIZE = 40;

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
    table.partial(
        Syscall.CACHESTAT,
        SyncSyscalls::cachestat,
        "of a file on disk only if it is open to write");
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

  /** How much of a file is in memory: of those who may write it. */
  static long cachestat(Task task, SyscallArgs args) throws ErrnoException {
    OpenFileDescription file = Paths.file(task, args.intAt(0));
    try {
      StructReader range = new StructReader(task.memory().readBytes(args.addressAt(1), RANGE_SIZE));
      if (!file.isWritable() && !mayWrite(task, file)) {
        return -Errno.EPERM;
      }
      if (args.intAt(3) != 0) {
        return -Errno.EINVAL;
      }
      long[] counts = new long[CACHESTAT_SIZE / Long.BYTES];
      // The host tells only who may write, by the descriptor.
      int hostFd = file.mappableHostFd(file.isWritable());
      if (hostFd >= 0) {
        long result = Host.os().cachestat(hostFd, range.longAt(0), range.longAt(8), counts);
        if (result < 0) {
          return result;
        }
      }
      StructWriter out = new StructWriter(CACHESTAT_SIZE);
      for (int i = 0; i < counts.length; i++) {
        out.putLong(i * Long.BYTES, counts[i]);
      }
      return out.tryCopyOut(task.memory(), args.addressAt(2));
    } finally {
      file.drop();
    }
  }

  private static boolean mayWrite(Task task, OpenFileDescription file) throws ErrnoException {
    VfsPath path = task.kernel().vfs().placeOf(file);
    Stat stat = path.inode().stat();
    Credentials who = task.credentials();
    return Access.isOwner(who, stat) || Access.isAllowed(who, stat, Access.WRITE);
  }
}
