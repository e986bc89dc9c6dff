package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Signal;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Capability;
import dev.skerry.sentry.kernel.CallNotifications;
import dev.skerry.sentry.kernel.Exit;
import dev.skerry.sentry.kernel.Results;
import dev.skerry.sentry.kernel.SigInfo;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.seccomp.CallFilter;
import dev.skerry.sentry.seccomp.FilterProgram;
import org.jspecify.annotations.Nullable;

/** Filters of system calls that guests install, and what they say (seccomp(2)). */
final class SeccompSyscalls {
  private static final int SET_MODE_STRICT = 0;
  private static final int SET_MODE_FILTER = 1;
  private static final int GET_ACTION_AVAIL = 2;
  private static final int GET_NOTIF_SIZES = 3;

  private static final int FLAG_TSYNC = 1;
  private static final int FLAG_NEW_LISTENER = 8;
  private static final int FLAG_TSYNC_ESRCH = 16;
  private static final int FLAG_WAIT_KILLABLE_RECV = 32;
  private static final int FLAGS_KNOWN = 63;

  /** sizeof(struct sock_fprog). */
  private static final int PROGRAM_SIZE = 16;

  private static final int NOTIF_SIZES = 6;

  /** sizeof(struct seccomp_data). */
  private static final int CALL_DATA = 64;

  private static final int DATA = 0xffff;
  private static final int MOST_ERRNO = 4095;

  /** {@link #enforce} has nothing against the call. */
  static final long PASSED = Long.MAX_VALUE;

  private SeccompSyscalls() {}

  static void register(SyscallTable table) {
    table.partial(Syscall.SECCOMP, SeccompSyscalls::seccomp, "tracers are not asked");
  }

  static long seccomp(Task task, SyscallArgs args) throws ErrnoException {
    int flags = args.intAt(1);
    long address = args.addressAt(2);
    return switch (args.intAt(0)) {
      case SET_MODE_STRICT -> flags != 0 || address != 0 ? -Errno.EINVAL : setStrict(task);
      case SET_MODE_FILTER -> setFilter(task, flags, address);
      case GET_ACTION_AVAIL -> {
        int action = flags == 0 ? task.memory().readInt(address) : 0;
        yield flags != 0 ? -Errno.EINVAL : isAvailable(action) ? 0 : -Errno.EOPNOTSUPP;
      }
      case GET_NOTIF_SIZES -> flags != 0 ? -Errno.EINVAL : notificationSizes(task, address);
      default -> -Errno.EINVAL;
    };
  }

  /** A struct seccomp_notif_sizes. */
  private static long notificationSizes(Task task, long address) {
    return new StructWriter(NOTIF_SIZES)
        .putShort(0, CallNotifications.NOTICE_SIZE)
        .putShort(2, CallNotifications.REPLY_SIZE)
        .putShort(4, CALL_DATA)
        .tryCopyOut(task.memory(), address);
  }

  private static boolean isAvailable(int action) {
    return switch (action) {
      case CallFilter.KILL_PROCESS,
          CallFilter.KILL_THREAD,
          CallFilter.TRAP,
          CallFilter.ERRNO,
          CallFilter.USER_NOTIF,
          CallFilter.TRACE,
          CallFilter.LOG,
          CallFilter.ALLOW ->
          true;
      default -> false;
    };
  }

  /** PR_SET_SECCOMP. */
  static long setMode(Task task, long mode, long address) throws ErrnoException {
    if (mode == CallFilter.MODE_STRICT) {
      return setStrict(task);
    }
    return mode == CallFilter.MODE_FILTER ? setFilter(task, 0, address) : -Errno.EINVAL;
  }

  private static long setStrict(Task task) {
    synchronized (task.kernel().tasks()) {
      if (task.callFilter() != null) {
        return -Errno.EINVAL;
      }
      task.setCallFilter(CallFilter.STRICT);
      return 0;
    }
  }

  private static long setFilter(Task task, int flags, long address) throws ErrnoException {
    boolean together = (flags & FLAG_TSYNC) != 0;
    boolean listens = (flags & FLAG_NEW_LISTENER) != 0;
    if ((flags & ~FLAGS_KNOWN) != 0
        || (together && listens && (flags & FLAG_TSYNC_ESRCH) == 0)
        || ((flags & FLAG_WAIT_KILLABLE_RECV) != 0 && !listens)) {
      return -Errno.EINVAL;
    }
    StructReader head = new StructReader(task.memory().readBytes(address, PROGRAM_SIZE));
    int length = head.shortAt(0) & 0xffff;
    if (length == 0 || length > FilterProgram.MOST_INSTRUCTIONS) {
      return -Errno.EINVAL;
    }
    if (!task.credentials().noNewPrivileges()
        && !task.credentials().hasOwnCapability(Capability.SYS_ADMIN)) {
      return -Errno.EACCES;
    }
    byte[] raw = task.memory().readBytes(head.longAt(8), length * FilterProgram.INSTRUCTION);
    FilterProgram program = FilterProgram.of(raw);
    if (program == null) {
      return -Errno.EINVAL;
    }
    boolean esrch = (flags & FLAG_TSYNC_ESRCH) != 0;
    if (!listens) {
      return install(task, program, together, esrch, null);
    }
    boolean killable = (flags & FLAG_WAIT_KILLABLE_RECV) != 0;
    CallNotifications listener = new CallNotifications(System.nanoTime(), killable);
    listener.acquire();
    long fd = task.files().install(listener, true, 0);
    if (fd < 0) {
      listener.drop();
      return fd;
    }
    long result = install(task, program, together, esrch, listener);
    if (result != 0) {
      task.files().close((int) fd);
    }
    listener.drop();
    return result != 0 ? result : fd;
  }

  private static long install(
      Task task,
      FilterProgram program,
      boolean together,
      boolean esrch,
      @Nullable CallNotifications listener) {
    synchronized (task.kernel().tasks()) {
      if (listener != null && CallFilter.hasListener(task.callFilter())) {
        return -Errno.EBUSY;
      }
      return installLocked(task, program, together, esrch, listener);
    }
  }

  /** Guarded by TaskSet. */
  private static long installLocked(
      Task task,
      FilterProgram program,
      boolean together,
      boolean esrch,
      @Nullable CallNotifications listener) {
    CallFilter before = task.callFilter();
    Task stranger = together ? strangerTo(task, before) : null;
    if (stranger != null) {
      return esrch ? -Errno.ESRCH : task.pidNamespace().number(stranger);
    }
    if (before != null) {
      before.acquire();
    }
    CallFilter filter = CallFilter.add(program, before, listener);
    if (filter == null) {
      if (before != null) {
        before.release();
      }
      return -Errno.ENOMEM;
    }
    task.setCallFilter(filter);
    filter.release();
    if (together) {
      for (Task other : task.group().threads()) {
        other.setCallFilter(filter);
        if (task.credentials().noNewPrivileges()) {
          other.setCredentials(other.credentials().withNoNewPrivileges());
        }
      }
    }
    return 0;
  }

  /** A thread whose filters are not among the caller's; null if there is none. */
  private static @Nullable Task strangerTo(Task task, @Nullable CallFilter mine) {
    for (Task other : task.group().threads()) {
      CallFilter theirs = other.callFilter();
      if (theirs != null && (mine == null || !mine.descendsFrom(theirs))) {
        return other;
      }
    }
    return null;
  }

  /**
   * What the filters say to a call of the task's.
   *
   * @return {@link #PASSED}, or the call's result in its stead
   */
  static long enforce(Task task, CallFilter filter, int number, long[] args) {
    if (filter == CallFilter.STRICT) {
      boolean allowed =
          number == Syscall.READ
              || number == Syscall.WRITE
              || number == Syscall.EXIT
              || number == Syscall.RT_SIGRETURN;
      if (!allowed) {
        return task.condemn(Signal.SIGKILL);
      }
      return PASSED;
    }
    int decision = filter.decide(number, task.callAddress(), args);
    int data = decision & DATA;
    switch (decision & CallFilter.ACTION) {
      case CallFilter.ALLOW, CallFilter.LOG -> {
        return PASSED;
      }
      case CallFilter.ERRNO -> {
        return -Math.min(data, MOST_ERRNO);
      }
      case CallFilter.USER_NOTIF -> {
        return leaveToListener(task, filter, number, args);
      }
      case CallFilter.TRACE -> {
        // Nobody traces.
        return -Errno.ENOSYS;
      }
      case CallFilter.TRAP -> {
        task.forceSignal(SigInfo.refusedCall(task.callAddress(), number, data));
        // The handler sees the registers as they were before the call.
        return number;
      }
      case CallFilter.KILL_THREAD -> {
        return task.condemn(Signal.SIGSYS);
      }
      default -> {
        Exit.processBySignal(task, Signal.SIGSYS);
        return Results.PARKED;
      }
    }
  }

  private static long leaveToListener(Task task, CallFilter filter, int number, long[] args) {
    if (filter.listenerFor(number, task.callAddress(), args) instanceof CallNotifications those) {
      long result = those.ask(task, number, args);
      return result == Results.CONTINUE ? PASSED : result;
    }
    return -Errno.ENOSYS;
  }
}
