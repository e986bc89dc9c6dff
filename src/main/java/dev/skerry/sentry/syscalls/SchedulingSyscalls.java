package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Capability;
import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.kernel.Results;
import dev.skerry.sentry.kernel.Rlimits;
import dev.skerry.sentry.kernel.Scheduling;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.kernel.ThreadGroup;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Scheduling. The host schedules all threads alike; what a program sets is checked, kept and told
 * again.
 */
final class SchedulingSyscalls {
  private static final int SCHED_OTHER = 0;
  private static final int SCHED_FIFO = 1;
  private static final int SCHED_RR = 2;
  private static final int SCHED_BATCH = 3;
  private static final int SCHED_IDLE = 5;
  static final int SCHED_DEADLINE = 6;
  private static final int SCHED_RESET_ON_FORK = 0x4000_0000;
  private static final int MOST_RT_PRIORITY = 99;

  private static final int PRIO_PROCESS = 0;
  private static final int PRIO_PGRP = 1;
  private static final int PRIO_USER = 2;

  private static final long ROUND_ROBIN_NANOS = 100_000_000;
  static final String NOTE = "checked and kept, without effect on the host";

  private SchedulingSyscalls() {}

  static void register(SyscallTable table) {
    table.supported(Syscall.SCHED_YIELD, (task, args) -> Results.CONTINUE);
    table.supported(Syscall.SCHED_GETAFFINITY, SchedulingSyscalls::sched_getaffinity);
    table.supported(Syscall.SCHED_SETAFFINITY, SchedulingSyscalls::sched_setaffinity);
    table.supported(Syscall.SCHED_GETSCHEDULER, SchedulingSyscalls::sched_getscheduler);
    table.partial(Syscall.SCHED_SETSCHEDULER, SchedulingSyscalls::sched_setscheduler, NOTE);
    table.supported(Syscall.SCHED_GETPARAM, SchedulingSyscalls::sched_getparam);
    table.partial(Syscall.SCHED_SETPARAM, SchedulingSyscalls::sched_setparam, NOTE);
    SchedulingAttributes.register(table);
    table.supported(Syscall.SCHED_GET_PRIORITY_MAX, SchedulingSyscalls::sched_get_priority_max);
    table.supported(Syscall.SCHED_GET_PRIORITY_MIN, SchedulingSyscalls::sched_get_priority_min);
    table.supported(Syscall.SCHED_RR_GET_INTERVAL, SchedulingSyscalls::sched_rr_get_interval);
    table.supported(Syscall.GETPRIORITY, SchedulingSyscalls::getpriority);
    table.partial(Syscall.SETPRIORITY, SchedulingSyscalls::setpriority, NOTE);
    table.supported(Syscall.IOPRIO_GET, SchedulingSyscalls::ioprio_get);
    table.partial(Syscall.IOPRIO_SET, SchedulingSyscalls::ioprio_set, NOTE);
    table.supported(Syscall.GETCPU, SchedulingSyscalls::getcpu);
  }

  static @Nullable Task find(Task task, int tid) {
    return tid == 0 ? task : task.pidNamespace().find(tid);
  }

  /** Whether the caller may change the other's scheduling: the same user, or CAP_SYS_NICE. */
  static boolean mayChange(Task task, Task other) {
    Credentials mine = task.credentials();
    Credentials theirs = other.credentials();
    return mine.euid() == theirs.euid()
        || mine.euid() == theirs.uid()
        || mine.hasCapability(theirs.userNamespace(), Capability.SYS_NICE);
  }

  static long allProcessors(Task task) {
    int count = Math.min(task.kernel().processors(), Long.SIZE);
    return count == Long.SIZE ? -1L : (1L << count) - 1;
  }

  static long sched_getaffinity(Task task, SyscallArgs args) throws ErrnoException {
    int length = args.intAt(1);
    if (length < Long.BYTES || length % Long.BYTES != 0) {
      return -Errno.EINVAL;
    }
    Task other = find(task, args.intAt(0));
    if (other == null) {
      return -Errno.ESRCH;
    }
    long set = other.settings().scheduling().affinity();
    task.memory().writeLong(args.addressAt(2), set == 0 ? allProcessors(task) : set);
    return Long.BYTES;
  }

  static long sched_setaffinity(Task task, SyscallArgs args) throws ErrnoException {
    int length = Math.min(Math.max(args.intAt(1), 0), Long.BYTES);
    byte[] bytes = task.memory().readBytes(args.addressAt(2), length);
    long set = 0;
    for (int i = 0; i < length; i++) {
      set |= (bytes[i] & 0xffL) << (8 * i);
    }
    Task other = find(task, args.intAt(0));
    if (other == null) {
      return -Errno.ESRCH;
    }
    if (!mayChange(task, other)) {
      return -Errno.EPERM;
    }
    set &= allProcessors(task);
    if (set == 0) {
      return -Errno.EINVAL;
    }
    other.setScheduling(other.settings().scheduling().withAffinity(set));
    if (other.hasThread()) {
      other.thread().runOn(set == allProcessors(task) ? -1 : set);
    }
    return 0;
  }

  static boolean isRealTime(int policy) {
    return policy == SCHED_FIFO || policy == SCHED_RR;
  }

  private static boolean isKnown(int policy) {
    return policy == SCHED_OTHER
        || policy == SCHED_BATCH
        || policy == SCHED_IDLE
        || isRealTime(policy);
  }

  static long change(Task task, int tid, int policy, int priority, boolean reset) {
    Task other = find(task, tid);
    if (other == null) {
      return -Errno.ESRCH;
    }
    boolean priorityOk =
        isRealTime(policy) ? priority >= 1 && priority <= MOST_RT_PRIORITY : priority == 0;
    if (!isKnown(policy) || !priorityOk) {
      return -Errno.EINVAL;
    }
    boolean mayRealTime =
        task.credentials().hasCapability(Capability.SYS_NICE)
            || !other.group().limits().exceeds(Rlimits.RTPRIO, priority);
    if (!mayChange(task, other) || (isRealTime(policy) && !mayRealTime)) {
      return -Errno.EPERM;
    }
    other.setScheduling(other.settings().scheduling().withPolicy(policy, priority, reset));
    return 0;
  }

  static long sched_setscheduler(Task task, SyscallArgs args) throws ErrnoException {
    int policy = args.intAt(1);
    if (policy < 0 || args.addressAt(2) == 0 || args.intAt(0) < 0) {
      return -Errno.EINVAL;
    }
    int priority = task.memory().readInt(args.addressAt(2));
    boolean reset = (policy & SCHED_RESET_ON_FORK) != 0;
    return change(task, args.intAt(0), policy & ~SCHED_RESET_ON_FORK, priority, reset);
  }

  static long sched_getscheduler(Task task, SyscallArgs args) {
    if (args.intAt(0) < 0) {
      return -Errno.EINVAL;
    }
    Task other = find(task, args.intAt(0));
    if (other == null) {
      return -Errno.ESRCH;
    }
    Scheduling scheduling = other.settings().scheduling();
    return scheduling.policy() | (scheduling.resetOnFork() ? SCHED_RESET_ON_FORK : 0);
  }

  static long sched_setparam(Task task, SyscallArgs args) throws ErrnoException {
    if (args.addressAt(1) == 0 || args.intAt(0) < 0) {
      return -Errno.EINVAL;
    }
    int priority = task.memory().readInt(args.addressAt(1));
    Task other = find(task, args.intAt(0));
    if (other == null) {
      return -Errno.ESRCH;
    }
    Scheduling scheduling = other.settings().scheduling();
    return change(task, args.intAt(0), scheduling.policy(), priority, scheduling.resetOnFork());
  }

  static long sched_getparam(Task task, SyscallArgs args) throws ErrnoException {
    if (args.addressAt(1) == 0 || args.intAt(0) < 0) {
      return -Errno.EINVAL;
    }
    Task other = find(task, args.intAt(0));
    if (other == null) {
      return -Errno.ESRCH;
    }
    task.memory().writeInt(args.addressAt(1), other.settings().scheduling().priority());
    return 0;
  }

  static long sched_get_priority_max(Task task, SyscallArgs args) {
    int policy = args.intAt(0);
    return isRealTime(policy) ? MOST_RT_PRIORITY : extreme(policy);
  }

  static long sched_get_priority_min(Task task, SyscallArgs args) {
    int policy = args.intAt(0);
    return isRealTime(policy) ? 1 : extreme(policy);
  }

  private static long extreme(int policy) {
    return isKnown(policy) || policy == SCHED_DEADLINE ? 0 : -Errno.EINVAL;
  }

  static long sched_rr_get_interval(Task task, SyscallArgs args) throws ErrnoException {
    if (args.intAt(0) < 0) {
      return -Errno.EINVAL;
    }
    Task other = find(task, args.intAt(0));
    if (other == null) {
      return -Errno.ESRCH;
    }
    long nanos =
        switch (other.settings().scheduling().policy()) {
          case SCHED_FIFO, SCHED_DEADLINE -> 0;
          case SCHED_RR -> ROUND_ROBIN_NANOS;
          default -> 4_000_000;
        };
    new StructWriter(16).putLong(8, nanos).copyOut(task.memory(), args.addressAt(1));
    return 0;
  }

  /** The tasks that getpriority(2) and ioprio_get(2) name; {@code kind} is a PRIO_ constant. */
  private static List<Task> select(Task task, int kind, int id) {
    List<Task> chosen = new ArrayList<>();
    if (kind == PRIO_PROCESS) {
      Task one = find(task, id);
      if (one != null) {
        chosen.add(one);
      }
      return chosen;
    }
    synchronized (task.kernel().tasks()) {
      int job = id == 0 ? task.group().processGroup().id() : task.pidNamespace().id(id);
      int uid = id == 0 ? task.credentials().uid() : task.credentials().userNamespace().uid(id);
      for (ThreadGroup group : task.kernel().tasks().groups()) {
        for (Task thread : group.threads()) {
          boolean wanted =
              kind == PRIO_PGRP
                  ? group.processGroup().id() == job
                  : thread.credentials().uid() == uid;
          if (wanted) {
            chosen.add(thread);
          }
        }
      }
    }
    return chosen;
  }

  static long getpriority(Task task, SyscallArgs args) {
    int kind = args.intAt(0);
    if (kind < PRIO_PROCESS || kind > PRIO_USER) {
      return -Errno.EINVAL;
    }
    long best = -Errno.ESRCH;
    for (Task other : select(task, kind, args.intAt(1))) {
      best = Math.max(best, 20 - other.settings().scheduling().nice());
    }
    return best;
  }

  static long setpriority(Task task, SyscallArgs args) {
    int kind = args.intAt(0);
    if (kind < PRIO_PROCESS || kind > PRIO_USER) {
      return -Errno.EINVAL;
    }
    int nice = Math.clamp(args.intAt(2), -20, 19);
    long result = -Errno.ESRCH;
    for (Task other : select(task, kind, args.intAt(1))) {
      if (!mayChange(task, other)) {
        result = -Errno.EPERM;
        continue;
      }
      long one = setNice(task, other, nice);
      result = one != 0 ? one : result == -Errno.ESRCH ? 0 : result;
    }
    return result;
  }

  static long setNice(Task task, Task other, int nice) {
    Scheduling scheduling = other.settings().scheduling();
    boolean raises = nice < scheduling.nice();
    if (raises
        && !task.credentials().hasCapability(Capability.SYS_NICE)
        && other.group().limits().exceeds(Rlimits.NICE, 20 - nice)) {
      return -Errno.EACCES;
    }
    other.setScheduling(scheduling.withNice(nice));
    return 0;
  }

  /** Kinds count from 1 here: process, process group, user. */
  static long ioprio_get(Task task, SyscallArgs args) {
    int kind = args.intAt(0) - 1;
    if (kind < PRIO_PROCESS || kind > PRIO_USER) {
      return -Errno.EINVAL;
    }
    List<Task> chosen = select(task, kind, args.intAt(1));
    return chosen.isEmpty() ? -Errno.ESRCH : chosen.getFirst().settings().ioPriority();
  }

  static long ioprio_set(Task task, SyscallArgs args) {
    int kind = args.intAt(0) - 1;
    int value = args.intAt(2);
    int priorityClass = value >>> 13;
    int level = value & 7;
    if (priorityClass > 3 || (priorityClass == 0 && level != 0)) {
      return -Errno.EINVAL;
    }
    if (priorityClass == 1
        && !task.credentials().hasCapability(Capability.SYS_ADMIN)
        && !task.credentials().hasCapability(Capability.SYS_NICE)) {
      return -Errno.EPERM;
    }
    if (kind < PRIO_PROCESS || kind > PRIO_USER) {
      return -Errno.EINVAL;
    }
    List<Task> chosen = select(task, kind, args.intAt(1));
    for (Task other : chosen) {
      if (!mayChange(task, other)) {
        return -Errno.EPERM;
      }
      other.setSettings(other.settings().withIoPriority(value));
    }
    return chosen.isEmpty() ? -Errno.ESRCH : 0;
  }

  /**
   * The host writes through the pointers as the thread itself could; nothing is read there. A
   * thread that asked for some processors only hears that it runs on one of them.
   */
  static long getcpu(Task task, SyscallArgs args) throws ErrnoException {
    long set = task.settings().scheduling().affinity();
    if (set == 0 || set == allProcessors(task)) {
      return Results.CONTINUE;
    }
    int[] values = {Long.numberOfTrailingZeros(set), 0};
    for (int i = 0; i < values.length; i++) {
      if (args.addressAt(i) != 0) {
        task.memory().writeInt(args.addressAt(i), values[i]);
      }
    }
    return 0;
  }
}
