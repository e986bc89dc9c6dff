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
  private static final int MCL_FUTURE = 2;
  private static final int MCL_ONFAULT = 4;
  private static final int MCL_KNOWN = 7;

  private MlockSyscalls() {}

  static void register(SyscallTable table) {
    String note = "beyond the host's own limit nothing is locked";
    table.partial(Syscall.MLOCK, MlockSyscalls::mlock, note);
    table.partial(Syscall.MLOCK2, MlockSyscalls::mlock2, note);
    table.partial(Syscall.MLOCKALL, MlockSyscalls::mlockall, note);
    table.supported(Syscall.MUNLOCK, MlockSyscalls::munlock);
    table.supported(Syscall.MUNLOCKALL, MlockSyscalls::munlockall);
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
    task.mm().noteLock();
    long start = address & ~PAGE_MASK;
    long end = (address + length + PAGE_MASK) & ~PAGE_MASK;
    if (Long.compareUnsigned(end, start) <= 0) {
      return Results.CONTINUE;
    }
    int thread = task.thread().hostTid();
    if (isBeyond(task, thread, start, end, limit(task))) {
      return -Errno.ENOMEM;
    }
    if (isBeyond(task, thread, start, end, task.mm().hostLockLimit(thread))) {
      return task.mm().isMapped(thread, start, end - start) ? 0 : -Errno.ENOMEM;
    }
    return Results.CONTINUE;
  }

  private static boolean isBeyond(Task task, int thread, long start, long end, long most) {
    if (most == Rlimits.INFINITY) {
      return false;
    }
    long room = most - task.mm().lockedBytes(thread);
    return end - start > room && end - start - task.mm().lockedBytes(thread, start, end) > room;
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
    task.mm().noteLock();
    int thread = task.thread().hostTid();
    long most = limit(task);
    boolean current = (flags & MCL_CURRENT) != 0;
    if (current && most != Rlimits.INFINITY && task.mm().mappedBytes(thread) > most) {
      return -Errno.ENOMEM;
    }
    long host = task.mm().hostLockLimit(thread);
    boolean less = host != Rlimits.INFINITY && Long.compareUnsigned(host, most) < 0;
    // What the host locks from now on, it would refuse to map beyond its limit.
    boolean refused =
        (flags & MCL_FUTURE) != 0 || (current && task.mm().hostMappedBytes(thread) > host);
    if (!less || !refused) {
      return Results.CONTINUE;
    }
    task.mm().setAllLocked(current);
    return 0;
  }

  static long munlockall(Task task, SyscallArgs args) {
    task.mm().setAllLocked(false);
    return Results.CONTINUE;
  }

  /**
   * Whether a mapping of so many bytes may be locked when it is made (MAP_LOCKED): zero, -EPERM or
   * -EAGAIN.
   */
  static long checkMapping(Task task, long length) {
    if (!mayLock(task)) {
      return -Errno.EPERM;
    }
    task.mm().noteLock();
    long most = limit(task);
    if (most == Rlimits.INFINITY) {
      return 0;
    }
    long room = most - task.mm().lockedBytes(task.thread().hostTid());
    return length > 0 && length <= room ? 0 : -Errno.EAGAIN;
  }

  /** Whether a mapping may grow by so many bytes, which are locked if it is: zero or -EAGAIN. */
  static long checkGrowth(Task task, long address, long growth) {
    long most = limit(task);
    if (most == Rlimits.INFINITY || !task.mm().mayHaveLocked()) {
      return 0;
    }
    int thread = task.thread().hostTid();
    long page = address & ~PAGE_MASK;
    boolean locked = task.mm().lockedBytes(thread, page, page + PAGE_MASK + 1) > 0;
    return !locked || growth <= most - task.mm().lockedBytes(thread) ? 0 : -Errno.EAGAIN;
  }

  private static boolean mayLock(Task task) {
    return task.credentials().hasCapability(Capability.IPC_LOCK)
        || task.group().limits().soft(Rlimits.MEMLOCK) != 0;
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
