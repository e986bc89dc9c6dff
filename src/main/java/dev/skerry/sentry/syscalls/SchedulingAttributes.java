package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Capability;
import dev.skerry.sentry.kernel.Scheduling;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.kernel.TaskSet;
import dev.skerry.sentry.kernel.ThreadGroup;

/**
 * sched_setattr(2) and sched_getattr(2), with SCHED_DEADLINE, which they alone know. Linux:
 * kernel/sched/syscalls.c.
 */
final class SchedulingAttributes {
  // A struct sched_attr as it is, and as it was first.
  private static final int SIZE = 56;
  private static final int FIRST_SIZE = 48;
  private static final int PAGE = 4096;

  private static final long RESET_ON_FORK = 1;
  private static final long OF_DEADLINES = 6;
  private static final long KEEP_POLICY = 8;
  private static final long KEEP_PARAMS = 0x10;
  private static final long UTIL_CLAMP = 0x60;
  private static final long KNOWN =
      RESET_ON_FORK | OF_DEADLINES | KEEP_POLICY | KEEP_PARAMS | UTIL_CLAMP;

  private static final int MOST_NICE = 19;
  private static final int LEAST_NICE = -20;

  // In nanoseconds (kernel/sched_deadline_period_min_us and _max_us).
  private static final long LEAST_RUNTIME = 1024;
  private static final long LEAST_PERIOD = 100_000;
  private static final long MOST_PERIOD = 4_194_304_000L;

  /** What tasks with deadlines may use of each processor (kernel/sched_rt_runtime_us). */
  private static final double SHARE = 0.95;

  private SchedulingAttributes() {}

  static void register(SyscallTable table) {
    table.supported(Syscall.SCHED_GETATTR, SchedulingAttributes::sched_getattr);
    table.partial(
        Syscall.SCHED_SETATTR, SchedulingAttributes::sched_setattr, SchedulingSyscalls.NOTE);
  }

  static long sched_getattr(Task task, SyscallArgs args) throws ErrnoException {
    int size = args.intAt(2);
    boolean fits = size >= FIRST_SIZE && size <= PAGE;
    if (args.addressAt(1) == 0 || args.intAt(0) < 0 || !fits || args.intAt(3) != 0) {
      return -Errno.EINVAL;
    }
    Task other = SchedulingSyscalls.find(task, args.intAt(0));
    if (other == null) {
      return -Errno.ESRCH;
    }
    Scheduling scheduling = other.settings().scheduling();
    Scheduling.Deadline deadline = scheduling.deadline();
    int told = Math.min(size, SIZE);
    StructWriter out = new StructWriter(told);
    out.putInt(0, told)
        .putInt(4, scheduling.policy())
        .putLong(8, scheduling.resetOnFork() ? RESET_ON_FORK : 0);
    if (deadline != null) {
      out.putLong(8, deadline.flags() | (scheduling.resetOnFork() ? RESET_ON_FORK : 0))
          .putLong(24, deadline.runtime())
          .putLong(32, deadline.deadline())
          .putLong(40, deadline.period());
    } else {
      out.putInt(16, scheduling.nice()).putInt(20, scheduling.priority());
    }
    out.copyOut(task.memory(), args.addressAt(1));
    return 0;
  }

  static long sched_setattr(Task task, SyscallArgs args) throws ErrnoException {
    long address = args.addressAt(1);
    if (address == 0 || args.intAt(0) < 0 || args.intAt(2) != 0) {
      return -Errno.EINVAL;
    }
    int size = task.memory().readInt(address);
    size = size == 0 ? FIRST_SIZE : size;
    StructReader in;
    try {
      if (size < FIRST_SIZE) {
        throw ErrnoException.of(Errno.E2BIG);
      }
      in = ExtensibleStruct.read(task.memory(), address, size, FIRST_SIZE, SIZE);
    } catch (ErrnoException e) {
      if (e.result() == -Errno.E2BIG) {
        task.memory().writeInt(address, SIZE);
      }
      return e.result();
    }
    long flags = in.longAt(8);
    int policy = in.intAt(4);
    if (policy < 0 || ((flags & UTIL_CLAMP) != 0 && size < SIZE)) {
      return -Errno.EINVAL;
    }
    Task other = SchedulingSyscalls.find(task, args.intAt(0));
    if (other == null) {
      return -Errno.ESRCH;
    }
    return set(task, other, args.intAt(0), in);
  }

  private static long set(Task task, Task other, int tid, StructReader in) {
    Scheduling present = other.settings().scheduling();
    long flags = in.longAt(8);
    boolean keeps = (flags & KEEP_PARAMS) != 0;
    boolean samePolicy = (flags & KEEP_POLICY) != 0;
    int policy = samePolicy ? present.policy() : in.intAt(4);
    boolean reset = samePolicy ? present.resetOnFork() : (flags & RESET_ON_FORK) != 0;
    int priority = keeps ? present.priority() : in.intAt(20);
    if ((flags & ~KNOWN) != 0) {
      return -Errno.EINVAL;
    }
    if (policy == SchedulingSyscalls.SCHED_DEADLINE) {
      Scheduling.Deadline kept = present.deadline();
      Scheduling.Deadline wanted = keeps && kept != null ? kept : wanted(in);
      return priority != 0 ? -Errno.EINVAL : setDeadline(task, other, wanted, reset, flags);
    }
    if ((flags & UTIL_CLAMP) != 0) {
      return -Errno.EOPNOTSUPP;
    }
    long result = SchedulingSyscalls.change(task, tid, policy, priority, reset);
    if (result != 0 || SchedulingSyscalls.isRealTime(policy) || keeps) {
      return result;
    }
    int nice = Math.max(LEAST_NICE, Math.min(MOST_NICE, in.intAt(16)));
    return SchedulingSyscalls.setNice(task, other, nice);
  }

  private static Scheduling.Deadline wanted(StructReader in) {
    long deadline = in.longAt(32);
    long period = in.longAt(40);
    return new Scheduling.Deadline(
        in.longAt(24), deadline, period == 0 ? deadline : period, in.longAt(8) & OF_DEADLINES);
  }

  private static boolean isValid(Scheduling.Deadline wanted) {
    return wanted.runtime() >= LEAST_RUNTIME
        && wanted.deadline() >= wanted.runtime()
        && wanted.period() >= wanted.deadline()
        && wanted.period() >= LEAST_PERIOD
        && wanted.period() <= MOST_PERIOD;
  }

  private static long setDeadline(
      Task task, Task other, Scheduling.Deadline wanted, boolean reset, long flags) {
    if (!isValid(wanted)) {
      return -Errno.EINVAL;
    }
    if (!task.credentials().hasCapability(Capability.SYS_NICE)) {
      return -Errno.EPERM;
    }
    if ((flags & UTIL_CLAMP) != 0) {
      return -Errno.EOPNOTSUPP;
    }
    TaskSet tasks = task.kernel().tasks();
    synchronized (tasks) {
      Scheduling present = other.settings().scheduling();
      long all = SchedulingSyscalls.allProcessors(task);
      if (present.affinity() != 0 && (present.affinity() & all) != all) {
        return -Errno.EPERM;
      }
      double taken = (double) wanted.runtime() / wanted.period() + takenByOthers(tasks, other);
      if (taken > SHARE * task.kernel().processors()) {
        return -Errno.EBUSY;
      }
      other.setScheduling(present.withDeadline(SchedulingSyscalls.SCHED_DEADLINE, wanted, reset));
    }
    return 0;
  }

  /** The processors that other tasks with deadlines have been promised. */
  private static double takenByOthers(TaskSet tasks, Task except) {
    double taken = 0;
    for (ThreadGroup group : tasks.groups()) {
      for (Task one : group.threads()) {
        Scheduling.Deadline promised = one.settings().scheduling().deadline();
        if (one != except && promised != null && !one.isDead()) {
          taken += (double) promised.runtime() / promised.period();
        }
      }
    }
    return taken;
  }
}
