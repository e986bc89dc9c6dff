package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Capability;
import dev.skerry.sentry.kernel.Task;

/**
 * name_to_handle_at(2) and open_by_handle_at(2), as for file systems that cannot be exported: their
 * files have no handles. Linux: fs/fhandle.c.
 */
final class HandleSyscalls {
  private static final int AT_HANDLE_FID = 0x200;
  private static final int AT_HANDLE_MNT_ID_UNIQUE = 1;
  private static final int AT_HANDLE_CONNECTABLE = 2;
  private static final int KNOWN =
      Paths.AT_SYMLINK_FOLLOW
          | Paths.AT_EMPTY_PATH
          | AT_HANDLE_FID
          | AT_HANDLE_MNT_ID_UNIQUE
          | AT_HANDLE_CONNECTABLE;

  /** MAX_HANDLE_SZ. */
  private static final int MOST_BYTES = 128;

  /** sizeof(struct file_handle). */
  private static final int HANDLE = 8;

  private HandleSyscalls() {}

  static void register(SyscallTable table) {
    String note = "no file system can be exported, so that files have no handles";
    table.partial(Syscall.NAME_TO_HANDLE_AT, HandleSyscalls::name_to_handle_at, note);
    table.partial(Syscall.OPEN_BY_HANDLE_AT, HandleSyscalls::open_by_handle_at, note);
  }

  static long name_to_handle_at(Task task, SyscallArgs args) throws ErrnoException {
    int flags = args.intAt(4);
    int exclusive = AT_HANDLE_FID | AT_HANDLE_CONNECTABLE;
    if ((flags & ~KNOWN) != 0 || (flags & exclusive) == exclusive) {
      return -Errno.EINVAL;
    }
    int follow = (flags & Paths.AT_SYMLINK_FOLLOW) != 0 ? 0 : Paths.AT_SYMLINK_NOFOLLOW;
    String path = Paths.read(task, args.addressAt(1), flags & Paths.AT_EMPTY_PATH);
    Paths.walk(task, args.intAt(0), path, follow | flags & Paths.AT_EMPTY_PATH);
    return -Errno.EOPNOTSUPP;
  }

  static long open_by_handle_at(Task task, SyscallArgs args) throws ErrnoException {
    StructReader handle = new StructReader(task.memory().readBytes(args.addressAt(1), HANDLE));
    int bytes = handle.intAt(0);
    if (bytes <= 0 || bytes > MOST_BYTES) {
      return -Errno.EINVAL;
    }
    if (args.intAt(0) != Paths.AT_FDCWD) {
      Paths.anyFile(task, args.intAt(0)).drop();
    }
    if (!task.credentials().hasCapability(Capability.DAC_READ_SEARCH)) {
      return -Errno.EPERM;
    }
    task.memory().readBytes(args.addressAt(1) + HANDLE, bytes);
    return -Errno.ESTALE;
  }
}
