package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.FdTable;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.slab.Slab;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.OpenFlags;

/** Descriptors themselves: close(2), dup(2), close_range(2). */
final class DescriptorSyscalls {
  private static final int CLOSE_RANGE_UNSHARE = 2;
  private static final int CLOSE_RANGE_CLOEXEC = 4;

  private DescriptorSyscalls() {}

  static void register(SyscallTable table) {
    table.supported(Syscall.CLOSE, DescriptorSyscalls::close);
    table.supported(Syscall.CLOSE_RANGE, DescriptorSyscalls::closeRange);
    table.supported(Syscall.DUP, DescriptorSyscalls::dup);
    table.supported(Syscall.DUP2, DescriptorSyscalls::dup2);
    table.supported(Syscall.DUP3, DescriptorSyscalls::dup3);
  }

  static long close(Task task, SyscallArgs args) {
    return task.files().close(args.intAt(0));
  }

  static long closeRange(Task task, SyscallArgs args) {
    int first = args.intAt(0);
    int last = args.intAt(1);
    int flags = args.intAt(2);
    if ((flags & ~(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC)) != 0
        || Integer.compareUnsigned(first, last) > 0) {
      return -Errno.EINVAL;
    }
    if ((flags & CLOSE_RANGE_UNSHARE) != 0 && task.files().isShared()) {
      if (Slab.isFull()) {
        return -Errno.ENOMEM;
      }
      FdTable shared = task.files();
      task.setFiles(shared.fork());
      shared.leave();
    }
    if (first < 0) {
      return 0;
    }
    int end = last < 0 ? FdTable.MOST : Math.min(last, FdTable.MOST);
    if ((flags & CLOSE_RANGE_CLOEXEC) != 0) {
      task.files().setCloseOnExec(first, end);
    } else {
      task.files().closeRange(first, end);
    }
    return 0;
  }

  static long dup(Task task, SyscallArgs args) throws ErrnoException {
    OpenFileDescription file = Paths.anyFile(task, args.intAt(0));
    return task.files().install(file, false, 0);
  }

  static long dup2(Task task, SyscallArgs args) throws ErrnoException {
    int from = args.intAt(0);
    int to = args.intAt(1);
    OpenFileDescription file = Paths.anyFile(task, from);
    if (from == to) {
      file.drop();
      return to;
    }
    return task.files().installAt(to, file, false);
  }

  static long dup3(Task task, SyscallArgs args) throws ErrnoException {
    int from = args.intAt(0);
    int to = args.intAt(1);
    int flags = args.intAt(2);
    if ((flags & ~OpenFlags.O_CLOEXEC) != 0 || from == to) {
      return -Errno.EINVAL;
    }
    OpenFileDescription file = Paths.anyFile(task, from);
    return task.files().installAt(to, file, flags != 0);
  }
}
