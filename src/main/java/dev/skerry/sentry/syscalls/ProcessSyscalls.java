package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Signal;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.ChildWait;
import dev.skerry.sentry.kernel.Exit;
import dev.skerry.sentry.kernel.PidFile;
import dev.skerry.sentry.kernel.PidNamespace;
import dev.skerry.sentry.kernel.Results;
import dev.skerry.sentry.kernel.SigInfo;
import dev.skerry.sentry.kernel.SignalControl;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.kernel.ThreadGroup;
import dev.skerry.sentry.kernel.Tracing;
import dev.skerry.sentry.kernel.Usage;
import dev.skerry.sentry.usermem.UserMemory;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.OpenFlags;
import org.jspecify.annotations.Nullable;

/** Creation, end and description of processes and threads. */
final class ProcessSyscalls {
  private static final int ROBUST_LIST_SIZE = 24;
  private static final int RUSAGE_SIZE = 144;
  private static final int RUSAGE_SELF = 0;
  private static final int RUSAGE_CHILDREN = -1;
  private static final int RUSAGE_THREAD = 1;

  private static final int P_ALL = 0;
  private static final int P_PID = 1;
  private static final int P_PGID = 2;
  private static final int P_PIDFD = 3;

  private static final int WAIT_KINDS = ChildWait.WNOTHREAD | ChildWait.WALL | ChildWait.WCLONE;

  // arch_prctl(2).
  static final int ARCH_SET_GS = 0x1001;
  static final int ARCH_SET_FS = 0x1002;
  static final int ARCH_GET_FS = 0x1003;
  static final int ARCH_GET_GS = 0x1004;
  private static final int ARCH_GET_CPUID = 0x1011;
  private static final int ARCH_SET_CPUID = 0x1012;

  /** UNAME26, ADDR_NO_RANDOMIZE, READ_IMPLIES_EXEC, SHORT_INODE, WHOLE_SECONDS, STICKY_TIMEOUTS. */
  private static final int PERSONALITY_OF_HOST = 0x7460000;

  private ProcessSyscalls() {}

  static void register(SyscallTable table) {
    CloneSyscalls.register(table);
    table.supported(Syscall.EXIT, ProcessSyscalls::exit);
    table.supported(Syscall.EXIT_GROUP, ProcessSyscalls::exit_group);
    table.supported(Syscall.WAIT4, ProcessSyscalls::wait4);
    table.supported(Syscall.WAITID, ProcessSyscalls::waitid);
    table.supported(Syscall.GETPID, ProcessSyscalls::getpid);
    table.supported(Syscall.GETPPID, ProcessSyscalls::getppid);
    table.supported(Syscall.GETTID, ProcessSyscalls::gettid);
    table.supported(Syscall.SET_TID_ADDRESS, ProcessSyscalls::set_tid_address);
    table.supported(Syscall.SET_ROBUST_LIST, ProcessSyscalls::set_robust_list);
    table.supported(Syscall.GET_ROBUST_LIST, ProcessSyscalls::get_robust_list);
    table.supported(Syscall.ARCH_PRCTL, ProcessSyscalls::arch_prctl);
    table.partial(
        Syscall.PERSONALITY,
        ProcessSyscalls::personality,
        "of effect: what may be read may be run");
    String note = "what the sentry does for a process is not counted";
    table.partial(Syscall.GETRUSAGE, ProcessSyscalls::getrusage, note);
    table.partial(Syscall.TIMES, ProcessSyscalls::times, note);
    NamespaceSyscalls.register(table);
    table.supported(Syscall.PIDFD_OPEN, ProcessSyscalls::pidfd_open);
    table.supported(Syscall.RSEQ, ProcessSyscalls::rseq);
  }

  static long exit(Task task, SyscallArgs args) {
    int status = args.intAt(0);
    return Tracing.exit(task, status);
  }

  static long exit_group(Task task, SyscallArgs args) {
    int status = args.intAt(0);
    Exit.process(task, status);
    return Results.PARKED;
  }

  static long wait4(Task task, SyscallArgs args) {
    int pid = args.intAt(0);
    long statusAddress = args.addressAt(1);
    int options = args.intAt(2);
    long usageAddress = args.addressAt(3);
    int known = ChildWait.WNOHANG | ChildWait.WUNTRACED | ChildWait.WCONTINUED | WAIT_KINDS;
    if ((options & ~known) != 0) {
      return -Errno.EINVAL;
    }
    if (pid == Integer.MIN_VALUE) {
      return -Errno.ESRCH;
    }
    ChildWait.Which which =
        pid == -1
            ? ChildWait.Which.ANY
            : pid > 0 ? ChildWait.Which.PROCESS : ChildWait.Which.PROCESS_GROUP;
    PidNamespace pids = task.pidNamespace();
    int id = pid > 0 ? pids.id(pid) : pid == 0 ? task.group().processGroup().id() : pids.id(-pid);
    return new ChildWait(task, which, id, options | ChildWait.WEXITED) {
      @Override
      protected long deliver(@Nullable Report report) {
        if (report == null) {
          return 0;
        }
        if (statusAddress != 0 && task.memory().storeInt(statusAddress, report.status()) < 0) {
          return -Errno.EFAULT;
        }
        if (usageAddress != 0
            && rusage(report.usage()).tryCopyOut(task.memory(), usageAddress) < 0) {
          return -Errno.EFAULT;
        }
        return report.pid();
      }
    }.start();
  }

  static long waitid(Task task, SyscallArgs args) {
    int type = args.intAt(0);
    int id = args.intAt(1);
    long infoAddress = args.addressAt(2);
    int options = args.intAt(3);
    long usageAddress = args.addressAt(4);
    int events = ChildWait.WEXITED | ChildWait.WSTOPPED | ChildWait.WCONTINUED;
    int known = events | ChildWait.WNOHANG | ChildWait.WNOWAIT | WAIT_KINDS;
    if ((options & ~known) != 0 || (options & events) == 0) {
      return -Errno.EINVAL;
    }
    ChildWait.Which which;
    switch (type) {
      case P_ALL -> which = ChildWait.Which.ANY;
      case P_PID -> {
        which = ChildWait.Which.PROCESS;
        if (id <= 0) {
          return -Errno.EINVAL;
        }
        id = task.pidNamespace().id(id);
      }
      case P_PGID -> {
        which = ChildWait.Which.PROCESS_GROUP;
        if (id < 0) {
          return -Errno.EINVAL;
        }
        id = id == 0 ? task.group().processGroup().id() : task.pidNamespace().id(id);
      }
      case P_PIDFD -> {
        return id < 0 ? -Errno.EINVAL : waitPidFile(task, id, infoAddress, options, usageAddress);
      }
      default -> {
        return -Errno.EINVAL;
      }
    }
    return new ChildWait(task, which, id, options) {
      @Override
      protected long deliver(@Nullable Report report) {
        return deliverInfo(task.memory(), report, infoAddress, usageAddress);
      }
    }.start();
  }

  /** Waits for the process of a descriptor; one that must not block tells so by an error. */
  private static long waitPidFile(
      Task task, int fd, long infoAddress, int options, long usageAddress) {
    OpenFileDescription file = task.files().acquire(fd);
    if (file == null) {
      return -Errno.EBADF;
    }
    try {
      if (!(file instanceof PidFile pidFile)) {
        return -Errno.EBADF;
      }
      boolean nonBlocking = (file.flags() & OpenFlags.O_NONBLOCK) != 0;
      int all = nonBlocking ? options | ChildWait.WNOHANG : options;
      boolean[] idle = new boolean[1];
      long result =
          new ChildWait(task, ChildWait.Which.PROCESS, pidFile.tid(), all) {
            @Override
            protected long deliver(@Nullable Report report) {
              idle[0] = report == null;
              return deliverInfo(task.memory(), report, infoAddress, usageAddress);
            }
          }.start();
      boolean refuses = nonBlocking && (options & ChildWait.WNOHANG) == 0;
      return refuses && idle[0] ? -Errno.EAGAIN : result;
    } finally {
      file.drop();
    }
  }

  private static long deliverInfo(
      UserMemory memory, ChildWait.@Nullable Report report, long infoAddress, long usageAddress) {
    if (report != null && usageAddress != 0) {
      if (rusage(report.usage()).tryCopyOut(memory, usageAddress) < 0) {
        return -Errno.EFAULT;
      }
    }
    if (infoAddress == 0) {
      return 0;
    }
    // Only these fields are written (kernel/exit.c); the rest of siginfo_t stays as it was.
    byte[] fields = new byte[28];
    if (report != null) {
      SigInfo info =
          SigInfo.child(
              Signal.SIGCHLD, report.code(), report.pid(), report.uid(), report.detail(), 0, 0);
      System.arraycopy(info.toBytes(), 0, fields, 0, fields.length);
    }
    long first = memory.copyOut(infoAddress, fields, 0, 12);
    long second = first < 0 ? first : memory.copyOut(infoAddress + 16, fields, 16, 12);
    return Math.min(second, 0);
  }

  static long getpid(Task task, SyscallArgs args) {
    return task.pidNamespace().number(task.group());
  }

  static long getppid(Task task, SyscallArgs args) {
    ThreadGroup parent = task.group().parent();
    return task.pidNamespace().number(parent);
  }

  static long gettid(Task task, SyscallArgs args) {
    return task.pidNamespace().number(task);
  }

  static long set_tid_address(Task task, SyscallArgs args) {
    task.setClearChildTid(args.addressAt(0));
    return task.pidNamespace().number(task);
  }

  static long set_robust_list(Task task, SyscallArgs args) {
    if (args.longAt(1) != ROBUST_LIST_SIZE) {
      return -Errno.EINVAL;
    }
    task.setRobustList(args.addressAt(0));
    return 0;
  }

  static long get_robust_list(Task task, SyscallArgs args) throws ErrnoException {
    int tid = args.intAt(0);
    Task other = tid == 0 ? task : task.pidNamespace().find(tid);
    if (other == null) {
      return -Errno.ESRCH;
    }
    if (!SignalControl.mayInspect(task, other)) {
      return -Errno.EPERM;
    }
    task.memory().writeLong(args.addressAt(2), ROBUST_LIST_SIZE);
    task.memory().writeLong(args.addressAt(1), other.robustList());
    return 0;
  }

  /** By value or with a pointer that the host only writes through, as the thread itself could. */
  static long arch_prctl(Task task, SyscallArgs args) {
    long address = args.addressAt(1);
    return switch (args.intAt(0)) {
      case ARCH_SET_FS, ARCH_SET_GS ->
          Long.compareUnsigned(address, UserMemory.END) >= 0 ? -Errno.EPERM : Results.CONTINUE;
      case ARCH_GET_FS, ARCH_GET_GS -> Results.CONTINUE;
      case ARCH_GET_CPUID -> 1;
      case ARCH_SET_CPUID -> -Errno.ENODEV;
      default -> -Errno.EINVAL;
    };
  }

  /**
   * The host is told where it can: that what may be read may be executed is its doing (mmap(2)).
   * What it makes of the rest shows in an execve only, which is the sentry's own.
   */
  static long personality(Task task, SyscallArgs args) {
    int wanted = args.intAt(0);
    int before = task.settings().personality();
    if (wanted == -1) {
      return before & 0xffff_ffffL;
    }
    task.setSettings(task.settings().withPersonality(wanted));
    boolean known = ((before | wanted) & ~PERSONALITY_OF_HOST) == 0;
    return known ? Results.CONTINUE : before & 0xffff_ffffL;
  }

  /** The host writes to the area as the thread itself could; an execve or a clone forgets it. */
  static long rseq(Task task, SyscallArgs args) {
    boolean mine = task.mm().mayMap(args.addressAt(0), args.intAt(1) & 0xffff_ffffL);
    return mine ? Results.CONTINUE : -Errno.EFAULT;
  }

  static long getrusage(Task task, SyscallArgs args) throws ErrnoException {
    Usage usage;
    switch (args.intAt(0)) {
      case RUSAGE_SELF -> usage = task.group().usage();
      case RUSAGE_CHILDREN -> usage = task.group().childrenUsage();
      case RUSAGE_THREAD -> usage = Usage.ofThread(task);
      default -> {
        return -Errno.EINVAL;
      }
    }
    rusage(usage).copyOut(task.memory(), args.addressAt(1));
    return 0;
  }

  private static StructWriter rusage(Usage usage) {
    StructWriter struct = new StructWriter(RUSAGE_SIZE);
    Times.putTimeval(struct, 0, usage.user());
    Times.putTimeval(struct, 16, usage.system());
    return struct
        .putLong(32, usage.maxRss())
        .putLong(64, usage.minorFaults())
        .putLong(72, usage.majorFaults());
  }

  static long times(Task task, SyscallArgs args) throws ErrnoException {
    if (args.addressAt(0) != 0) {
      Usage own = task.group().usage();
      Usage children = task.group().childrenUsage();
      new StructWriter(32)
          .putLong(0, Usage.ticks(own.user()))
          .putLong(8, Usage.ticks(own.system()))
          .putLong(16, Usage.ticks(children.user()))
          .putLong(24, Usage.ticks(children.system()))
          .copyOut(task.memory(), args.addressAt(0));
    }
    return task.kernel().clock().monotonic() / 10_000_000;
  }

  static long pidfd_open(Task task, SyscallArgs args) {
    int pid = args.intAt(0);
    int flags = args.intAt(1);
    if (pid <= 0 || (flags & ~(OpenFlags.O_NONBLOCK | PidFile.THREAD)) != 0) {
      return -Errno.EINVAL;
    }
    Task target = task.pidNamespace().find(pid);
    if (target == null) {
      return -Errno.ESRCH;
    }
    if (!target.isLeader() && (flags & PidFile.THREAD) == 0) {
      return -Errno.ENOENT;
    }
    return task.files().install(new PidFile(target, flags), true, 0);
  }
}
