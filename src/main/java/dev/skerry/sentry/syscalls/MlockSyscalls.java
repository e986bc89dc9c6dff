package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.auth.Capability;
import dev.skerry.sentry.kernel.Results;
import dev.skerry.sentry.kernel.Rlimits;
import dev.skerry.sentry.kernel.Task;

/**
 * Memory that stays in memory (mlock(2)). The host locks; RLIMIT_MEMLOCK of the guest is enforced
 * before, by value. Linux: mm/mlock.c.
 */
final class MlockSyscalls {
  private static final long PAGE_MASK = 4095;
  private static final int MLOCK_ONFAULT = 1;
  private static final int MCL_CURRENT = 1;
  private static final int MCL_ONFAULT = 4;
  private static final int MCL_KNOWN = 7;

  private MlockSyscalls() {}

  static void register(SyscallTable table) {
    String note = "the host's own limit counts, too";
    table.partial(Syscall.MLOCK, MlockSyscalls::mlock, note);
    table.partial(Syscall.MLOCK2, MlockSyscalls::mlock2, note);
    table.partial(Syscall.MLOCKALL, MlockSyscalls::mlockall, note);
    table.supported(Syscall.MUNLOCK, MlockSyscalls::munlock);
    table.supported(Syscall.MUNLOCKALL, (task, args) -> Results.CONTINUE);
  }

  static long mlock(Task task, SyscallArgs args) {
    return lock(task, args.addressAt(0), args.longAt(1));
  }

  static long mlock2(Task task, SyscallArgs args) {
    if ((args.intAt(2) & ~MLOCK_ONFAULT) != 0) {
      return -Errno.EINVAL;
    }
    return lock(task, args.addressAt(0), args.longAt(1));
  }

  private static long lock(Task task, long address, long length) {
    if (!mayLock(task)) {
      return -Errno.EPERM;
    }
    if (!task.mm().mayMap(address, length)) {
      return -Errno.ENOMEM;
    }
    long start = address & ~PAGE_MASK;
    long end = (address + length + PAGE_MASK) & ~PAGE_MASK;
    long most = limit(task);
    if (most != Rlimits.INFINITY && Long.compareUnsigned(end, start) > 0) {
      int thread = task.thread().hostTid();
      long room = most - task.mm().lockedBytes(thread);
      if (end - start > room && end - start - task.mm().lockedBytes(thread, start, end) > room) {
        return -Errno.ENOMEM;
      }
    }
    return Results.CONTINUE;
  }

  static long munlock(Task task, SyscallArgs args) {
    return task.mm().mayMap(args.addressAt(0), args.longAt(1)) ? Results.CONTINUE : -Errno.ENOMEM;
  }

  static long mlockall(Task task, SyscallArgs args) {
    int flags = args.intAt(0);
    if (flags == 0 || (flags & ~MCL_KNOWN) != 0 || flags == MCL_ONFAULT) {
      return -Errno.EINVAL;
    }
    if (!mayLock(task)) {
      return -Errno.EPERM;
    }
    long most = limit(task);
    boolean beyond =
        most != Rlimits.INFINITY && task.mm().mappedBytes(task.thread().hostTid()) > most;
    return (flags & MCL_CURRENT) != 0 && beyond ? -Errno.ENOMEM : Results.CONTINUE;
  }

  /**
   * Whether a mapping of so many bytes may be locked when it is made (MAP_LOCKED): zero, -EPERM or
   * -EAGAIN.
   */
  static long checkMapping(Task task, long length) {
    if (!mayLock(task)) {
      return -Errno.EPERM;
    }
    long most = limit(task);
    if (most == Rlimits.INFINITY) {
      return 0;
    }
    long room = most - task.mm().lockedBytes(task.thread().hostTid());
    return length > 0 && length <= room ? 0 : -Errno.EAGAIN;
  }

  private static boolean mayLock(Task task) {
    return limit(task) != 0;
  }

  /** In bytes. */
  private static long limit(Task task) {
    if (task.credentials().hasCapability(Capability.IPC_LOCK)) {
      return Rlimits.INFINITY;
    }
    long soft = task.group().limits().soft(Rlimits.MEMLOCK);
    return soft < 0 ? Rlimits.INFINITY : soft & ~PAGE_MASK;
  }
}
