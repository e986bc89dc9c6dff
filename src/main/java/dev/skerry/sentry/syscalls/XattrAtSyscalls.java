package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.Task;

/** Extended attributes by directory descriptor and path: setxattrat(2) and its like. */
final class XattrAtSyscalls {
  private static final int KNOWN = Paths.AT_SYMLINK_NOFOLLOW | Paths.AT_EMPTY_PATH;

  /** sizeof(struct xattr_args). */
  private static final int ARGS = 16;

  private XattrAtSyscalls() {}

  static void register(SyscallTable table) {
    table.supported(Syscall.SETXATTRAT, XattrAtSyscalls::setxattrat);
    table.supported(Syscall.GETXATTRAT, XattrAtSyscalls::getxattrat);
    table.supported(Syscall.LISTXATTRAT, XattrAtSyscalls::listxattrat);
    table.supported(Syscall.REMOVEXATTRAT, XattrAtSyscalls::removexattrat);
  }

  /** A descriptor alone names an open file, and not one of O_PATH. */
  private static XattrSyscalls.Place place(Task task, SyscallArgs args) throws ErrnoException {
    int flags = args.intAt(2);
    if ((flags & ~KNOWN) != 0) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    int dirFd = args.intAt(0);
    return () -> {
      String path = Paths.read(task, args.addressAt(1), flags);
      return path.isEmpty() && dirFd >= 0
          ? XattrSyscalls.ofFile(task, dirFd)
          : Paths.walk(task, dirFd, path, flags);
    };
  }

  private static StructReader struct(Task task, SyscallArgs args) throws ErrnoException {
    return ExtensibleStruct.read(task.memory(), args.addressAt(4), args.longAt(5), ARGS, ARGS);
  }

  private static XattrSyscalls.Value value(StructReader struct) {
    return new XattrSyscalls.Value(struct.longAt(0), struct.intAt(8) & 0xffff_ffffL);
  }

  static long setxattrat(Task task, SyscallArgs args) throws ErrnoException {
    StructReader struct = struct(task, args);
    XattrSyscalls.Place place = place(task, args);
    return XattrSyscalls.set(task, place, args.addressAt(3), value(struct), struct.intAt(12));
  }

  static long getxattrat(Task task, SyscallArgs args) throws ErrnoException {
    StructReader struct = struct(task, args);
    if (struct.intAt(12) != 0) {
      return -Errno.EINVAL;
    }
    return XattrSyscalls.get(task, place(task, args), args.addressAt(3), value(struct));
  }

  static long listxattrat(Task task, SyscallArgs args) throws ErrnoException {
    XattrSyscalls.Value target = new XattrSyscalls.Value(args.addressAt(3), args.longAt(4));
    return XattrSyscalls.list(task, place(task, args), target);
  }

  static long removexattrat(Task task, SyscallArgs args) throws ErrnoException {
    return XattrSyscalls.remove(task, place(task, args), args.addressAt(3));
  }
}
