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
import dev.skerry.sentry.kernel.Tracing;
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
  private static final int FLAG_LOG = 2;
  private static final int FLAG_NEW_LISTENER = 8;
  private static final int FLAG_TSYNC_ESRCH = 16;
  private static final int FLAG_WAIT_KILLABLE_RECV = 32;
  private static final int FLAGS_KNOWN = 63;

  /** sizeof(struct seccomp_metadata). */
  private static final int METADATA = 16;

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
    table.supported(Syscall.SECCOMP, SeccompSyscalls::seccomp);
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
    if (!listens) {
      return install(task, program, flags, null);
    }
    boolean killable = (flags & FLAG_WAIT_KILLABLE_RECV) != 0;
    CallNotifications listener = new CallNotifications(System.nanoTime(), killable);
    listener.acquire();
    long fd = task.files().install(listener, true, 0);
    if (fd < 0) {
      listener.drop();
      return fd;
    }
    long result = install(task, program, flags, listener);
    if (result != 0) {
      task.files().close((int) fd);
    }
    listener.drop();
    return result != 0 ? result : fd;
  }

  private static long install(
      Task task, FilterProgram program, int flags, @Nullable CallNotifications listener) {
    synchronized (task.kernel().tasks()) {
      if (listener != null && CallFilter.hasListener(task.callFilter())) {
        return -Errno.EBUSY;
      }
      return installLocked(task, program, flags, listener);
    }
  }

  /** Guarded by TaskSet. */
  private static long installLocked(
      Task task, FilterProgram program, int flags, @Nullable CallNotifications listener) {
    CallFilter before = task.callFilter();
    boolean together = (flags & FLAG_TSYNC) != 0;
    Task stranger = together ? strangerTo(task, before) : null;
    if (stranger != null) {
      boolean nameless = (flags & FLAG_TSYNC_ESRCH) != 0;
      return nameless ? -Errno.ESRCH : task.pidNamespace().number(stranger);
    }
    if (before != null) {
      before.acquire();
    }
    CallFilter filter = CallFilter.add(program, before, listener, (flags & FLAG_LOG) != 0);
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
   * @param traced whether its tracer has seen it, since they wished so
   * @return {@link #PASSED}, or the call's result in its stead
   */
  static long enforce(Task task, CallFilter filter, int number, long[] args, boolean traced) {
    if (filter == CallFilter.STRICT) {
      boolean allowed =
          number == Syscall.READ
              || number == Syscall.WRITE
              || number == Syscall.EXIT
              || number == Syscall.RT_SIGRETURN;
      if (!allowed) {
        return Exit.condemn(task, Signal.SIGKILL);
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
        return traced ? PASSED : Tracing.askTracer(task, args, data);
      }
      case CallFilter.TRAP -> {
        task.forceSignal(SigInfo.refusedCall(task.callAddress(), number, data));
        // The handler sees the registers as they were before the call.
        return number;
      }
      default -> {
        if ((decision & CallFilter.ACTION) == CallFilter.KILL_THREAD && !Exit.isLast(task)) {
          return Exit.condemn(task, Signal.SIGSYS);
        }
        Exit.condemnProcess(task, SigInfo.refusedCall(task.callAddress(), number, data));
        return number;
      }
    }
  }

  /** PTRACE_SECCOMP_GET_FILTER: the result is the program's length. */
  static long filterOf(Task task, Task tracee, long place, long data) {
    if (!mayRead(task)) {
      return -Errno.EACCES;
    }
    CallFilter filter = CallFilter.nth(tracee.callFilter(), place);
    FilterProgram program = filter == null ? null : filter.program();
    if (program == null) {
      return missing(tracee);
    }
    byte[] raw = program.toBytes();
    long written = data == 0 ? 0 : task.memory().copyOut(data, raw, 0, raw.length);
    return written < 0 ? written : program.length();
  }

  /** PTRACE_SECCOMP_GET_METADATA: the result is how much there is to tell. */
  static long metadataOf(Task task, Task tracee, long size, long data) throws ErrnoException {
    if (!mayRead(task)) {
      return -Errno.EACCES;
    }
    int length = Long.compareUnsigned(size, METADATA) < 0 ? (int) size : METADATA;
    if (length < Long.BYTES) {
      return -Errno.EINVAL;
    }
    long place = task.memory().readLong(data);
    CallFilter filter = CallFilter.nth(tracee.callFilter(), place);
    if (filter == null) {
      return missing(tracee);
    }
    byte[] told =
        new StructWriter(METADATA)
            .putLong(0, place)
            .putLong(8, filter.logs() ? FLAG_LOG : 0)
            .bytes();
    ErrnoException.check(task.memory().copyOut(data, told, 0, length));
    return length;
  }

  /** Whether the task may learn what filters others have. */
  private static boolean mayRead(Task task) {
    return task.callFilter() == null && task.credentials().hasCapability(Capability.SYS_ADMIN);
  }

  /** The error for a filter that the task does not have. */
  private static long missing(Task tracee) {
    boolean filtered = CallFilter.mode(tracee.callFilter()) == CallFilter.MODE_FILTER;
    return filtered ? -Errno.ENOENT : -Errno.EINVAL;
  }

  private static long leaveToListener(Task task, CallFilter filter, int number, long[] args) {
    if (filter.listenerFor(number, task.callAddress(), args) instanceof CallNotifications those) {
      long result = those.ask(task, number, args);
      return result == Results.CONTINUE ? PASSED : result;
    }
    return -Errno.ENOSYS;
  }
}
