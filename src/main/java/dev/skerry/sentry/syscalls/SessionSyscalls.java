package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.kernel.JobControl;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.kernel.ThreadGroup;
import org.jspecify.annotations.Nullable;

/** Process groups and sessions. */
final class SessionSyscalls {
  private SessionSyscalls() {}

  static void register(SyscallTable table) {
    table.supported(Syscall.SETPGID, SessionSyscalls::setpgid);
    table.supported(Syscall.GETPGID, SessionSyscalls::getpgid);
    table.supported(Syscall.GETPGRP, SessionSyscalls::getpgrp);
    table.supported(Syscall.SETSID, SessionSyscalls::setsid);
    table.supported(Syscall.GETSID, SessionSyscalls::getsid);
  }

  static long setpgid(Task task, SyscallArgs args) {
    return JobControl.setProcessGroup(task, args.intAt(0), args.intAt(1));
  }

  private static @Nullable ThreadGroup find(Task task, int pid) {
    if (pid == 0) {
      return task.group();
    }
    Task found = task.pidNamespace().find(pid);
    return found == null ? null : found.group();
  }

  static long getpgid(Task task, SyscallArgs args) {
    synchronized (task.kernel().tasks()) {
      ThreadGroup group = find(task, args.intAt(0));
      return group == null ? -Errno.ESRCH : task.pidNamespace().number(group.processGroup().id());
    }
  }

  static long getpgrp(Task task, SyscallArgs args) {
    return task.pidNamespace().number(task.group().processGroup().id());
  }

  static long setsid(Task task, SyscallArgs args) {
    return JobControl.newSession(task);
  }

  static long getsid(Task task, SyscallArgs args) {
    synchronized (task.kernel().tasks()) {
      ThreadGroup group = find(task, args.intAt(0));
      return group == null ? -Errno.ESRCH : task.pidNamespace().number(group.session().id());
    }
  }
}
