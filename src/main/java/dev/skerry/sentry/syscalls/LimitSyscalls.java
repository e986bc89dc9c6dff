package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Capability;
import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.kernel.Rlimits;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.kernel.ThreadGroup;
import dev.skerry.sentry.sysctl.Sysctl;
import dev.skerry.sentry.sysctl.SysctlValues;

/** Resource limits. */
final class LimitSyscalls {
  private static final int SIZE = 16;

  private LimitSyscalls() {}

  static void register(SyscallTable table) {
    String note = "LOCKS, MSGQUEUE, RSS and RTTIME are kept, not enforced";
    table.partial(Syscall.GETRLIMIT, LimitSyscalls::getrlimit, note);
    table.partial(Syscall.SETRLIMIT, LimitSyscalls::setrlimit, note);
    table.partial(Syscall.PRLIMIT64, LimitSyscalls::prlimit64, note);
  }

  static long getrlimit(Task task, SyscallArgs args) throws ErrnoException {
    return change(task, task.group(), args.intAt(0), 0, args.addressAt(1));
  }

  static long setrlimit(Task task, SyscallArgs args) throws ErrnoException {
    return change(task, task.group(), args.intAt(0), args.addressAt(1), 0);
  }

  static long prlimit64(Task task, SyscallArgs args) throws ErrnoException {
    int pid = args.intAt(0);
    Task other = pid == 0 ? task : task.pidNamespace().find(pid);
    if (other == null) {
      return -Errno.ESRCH;
    }
    if (!mayChange(task, other)) {
      return -Errno.EPERM;
    }
    return change(task, other.group(), args.intAt(1), args.addressAt(2), args.addressAt(3));
  }

  private static boolean mayChange(Task task, Task other) {
    if (task.group() == other.group()) {
      return true;
    }
    Credentials mine = task.credentials();
    Credentials theirs = other.credentials();
    boolean same =
        mine.uid() == theirs.uid()
            && mine.uid() == theirs.euid()
            && mine.uid() == theirs.suid()
            && mine.gid() == theirs.gid()
            && mine.gid() == theirs.egid()
            && mine.gid() == theirs.sgid();
    return same || mine.hasCapability(theirs.userNamespace(), Capability.SYS_RESOURCE);
  }

  private static long change(
      Task task, ThreadGroup group, int resource, long newAddress, long oldAddress)
      throws ErrnoException {
    if (resource < 0 || resource >= Rlimits.COUNT) {
      return -Errno.EINVAL;
    }
    Rlimits limits = group.limits();
    long oldSoft = limits.soft(resource);
    long oldHard = limits.hard(resource);
    if (newAddress != 0) {
      StructReader in = new StructReader(task.memory().readBytes(newAddress, SIZE));
      long soft = in.longAt(0);
      long hard = in.longAt(8);
      if (Long.compareUnsigned(soft, hard) > 0) {
        return -Errno.EINVAL;
      }
      boolean raises = Long.compareUnsigned(hard, oldHard) > 0;
      long most = SysctlValues.SYSTEM.get(Sysctl.NR_OPEN);
      boolean beyond = resource == Rlimits.NOFILE && Long.compareUnsigned(hard, most) > 0;
      if (beyond || (raises && !task.credentials().hasCapability(Capability.SYS_RESOURCE))) {
        return -Errno.EPERM;
      }
      group.setLimit(resource, soft, hard);
    }
    if (oldAddress != 0) {
      new StructWriter(SIZE)
          .putLong(0, oldSoft)
          .putLong(8, oldHard)
          .copyOut(task.memory(), oldAddress);
    }
    return 0;
  }
}
