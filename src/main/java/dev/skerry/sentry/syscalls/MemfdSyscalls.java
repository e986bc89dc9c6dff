package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.Owner;

/** memfd_create(2). */
final class MemfdSyscalls {
  private static final int MFD_CLOEXEC = 1;

  /** The longest name with its NUL. */
  private static final int MOST_NAME_BYTES = 250;

  private MemfdSyscalls() {}

  static void register(SyscallTable table) {
    table.partial(Syscall.MEMFD_CREATE, MemfdSyscalls::memfdCreate, "no huge pages");
  }

  static long memfdCreate(Task task, SyscallArgs args) throws ErrnoException {
    int flags = args.intAt(1);
    String name;
    try {
      name = task.memory().readString(args.addressAt(0), MOST_NAME_BYTES);
    } catch (ErrnoException e) {
      return e.errno() == Errno.ENAMETOOLONG ? -Errno.EINVAL : e.result();
    }
    Owner owner = new Owner(task.credentials().fsuid(), task.credentials().fsgid());
    OpenFileDescription file = task.kernel().vfs().memoryFiles().create(name, flags, owner);
    return task.files().install(file, (flags & MFD_CLOEXEC) != 0, 0);
  }
}
