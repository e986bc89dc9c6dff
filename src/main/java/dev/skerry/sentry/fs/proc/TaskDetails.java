package dev.skerry.sentry.fs.proc;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Capability;
import dev.skerry.sentry.kernel.IoCounters;
import dev.skerry.sentry.kernel.ProcessTimers;
import dev.skerry.sentry.kernel.Scheduling;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.mm.HostProc;

/**
 * The files of /proc/PID that debuggers and those who measure read: io, sched, syscall and others.
 */
final class TaskDetails {
  private static final int NO_REAL_TIME = 120;
  private static final int REAL_TIME = 99;
  private static final int MOST_ADJUSTMENT = 1000;
  private static final int OOM_DISABLE = -17;
  private static final int OOM_ADJUST_MAX = 15;

  /** There are no block devices. */
  private static final String BLOCK_IO =
      "read_bytes: 0\nwrite_bytes: 0\ncancelled_write_bytes: 0\n";

  private TaskDetails() {}

  static String io(Subject subject) throws ErrnoException {
    subject.checkInspect(Errno.EACCES);
    IoCounters io = subject.isInTaskList() ? subject.task().io() : subject.group().io();
    IoCounters.Counts counts = io.counts();
    return "rchar: "
        + counts.readBytes()
        + "\nwchar: "
        + counts.writtenBytes()
        + "\nsyscr: "
        + counts.reads()
        + "\nsyscw: "
        + counts.writes()
        + "\n"
        + BLOCK_IO;
  }

  /**
   * /proc/PID/sched: the host's figures, with the policy and the priority that the guest has set.
   */
  static String sched(Subject subject) {
    Task live = subject.live();
    String host = live == null ? "" : HostProc.sched(live.thread().hostTid());
    StringBuilder out = new StringBuilder(1600);
    Task task = subject.task();
    out.append(task.comm()).append(" (").append(subject.tid()).append(", #threads: ");
    out.append(subject.group().threads().size()).append(")\n");
    Scheduling settings = task.settings().scheduling();
    int priority =
        settings.priority() > 0 ? REAL_TIME - settings.priority() : NO_REAL_TIME + settings.nice();
    int start = host.indexOf('\n') + 1;
    while (start > 0 && start < host.length()) {
      int end = host.indexOf('\n', start) + 1;
      end = end == 0 ? host.length() : end;
      if (host.startsWith("policy ", start)) {
        setting(out, host, start, settings.policy());
      } else if (host.startsWith("prio ", start)) {
        setting(out, host, start, priority);
      } else {
        out.append(host, start, end);
      }
      start = end;
    }
    return out.toString();
  }

  /** The line's key, and another value in its 21 columns. */
  private static void setting(StringBuilder out, String host, int start, long value) {
    int colon = host.indexOf(':', start);
    String digits = Long.toString(value);
    out.append(host, start, colon + 1);
    out.append(" ".repeat(Math.max(0, 21 - digits.length()))).append(digits).append('\n');
  }

  /**
   * /proc/PID/syscall. Of a thread that has not come with its registers the stack pointer is not
   * known; it shows as zero.
   */
  static String syscall(Subject subject) throws ErrnoException {
    subject.checkInspect(Errno.EPERM);
    Task live = subject.live();
    if (live == null) {
      return "-1 0x0 0x0\n";
    }
    long[] call = live.presentCall();
    if (call.length == 0) {
      return "running\n";
    }
    StringBuilder out = new StringBuilder(160);
    out.append(call[0]);
    for (int i = 1; i < call.length; i++) {
      out.append(" 0x").append(Long.toHexString(call[i]));
    }
    return out.append('\n').toString();
  }

  /** /proc/PID/stack: nobody may see it but root, and a sentry has no such stack to show. */
  static String stack(Subject subject) throws ErrnoException {
    Task asking = Task.current();
    if (asking != null && !asking.credentials().hasCapability(Capability.SYS_ADMIN)) {
      throw ErrnoException.of(Errno.EACCES);
    }
    subject.checkInspect(Errno.EPERM);
    return "";
  }

  static String timers(Subject subject) {
    ProcessTimers timers = subject.group().timers();
    return timers == null ? "" : timers.list(subject.pids());
  }

  static String architecture(Subject subject) {
    Task live = subject.live();
    return live == null ? "" : HostProc.architecture(live.thread().hostTid());
  }

  /** /proc/PID/oom_adj, the older scale of oom_score_adj (Documentation/filesystems/proc.rst). */
  static int oldAdjustment(int adjustment) {
    int scaled =
        adjustment == MOST_ADJUSTMENT
            ? OOM_ADJUST_MAX
            : adjustment * -OOM_DISABLE / MOST_ADJUSTMENT;
    return Math.min(scaled, OOM_ADJUST_MAX);
  }

  static int newAdjustment(long old) throws ErrnoException {
    if (old < OOM_DISABLE || old > OOM_ADJUST_MAX) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    return old == OOM_ADJUST_MAX ? MOST_ADJUSTMENT : (int) old * MOST_ADJUSTMENT / -OOM_DISABLE;
  }

  /** The children of one thread, for /proc/PID/task/TID/children. */
  static String children(Subject subject) {
    StringBuilder out = new StringBuilder();
    for (int child : subject.group().childrenOf(subject.task())) {
      int number = subject.pids().number(child);
      if (number != 0) {
        out.append(number).append(' ');
      }
    }
    return out.toString();
  }
}
