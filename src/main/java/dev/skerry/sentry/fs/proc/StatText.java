package dev.skerry.sentry.fs.proc;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.Rlimits;
import dev.skerry.sentry.kernel.Scheduling;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.kernel.TaskSnapshot;
import dev.skerry.sentry.kernel.TimeNamespace;
import dev.skerry.sentry.kernel.Usage;
import dev.skerry.sentry.mm.HostProc;
import dev.skerry.sentry.mm.HostTaskStat;
import dev.skerry.sentry.mm.MemoryManager;
import org.jspecify.annotations.Nullable;

/** /proc/PID/stat (proc_pid_stat(5)). */
final class StatText {
  private static final int PF_FORKNOEXEC = 0x40;
  private static final int PF_RANDOMIZE = 0x400000;
  private static final int USUAL_PRIORITY = 20;
  private static final int DEADLINE_PRIORITY = -101;

  /** What Linux keeps of the signal sets here: those that fit in 31 bits. */
  private static final long SIGNAL_BITS = 0x7fff_ffffL;

  private final StringBuilder out = new StringBuilder(320);
  private final Subject subject;
  private final Task task;
  private final TaskSnapshot snapshot;

  private StatText(Subject subject, Task task, TaskSnapshot snapshot) {
    this.subject = subject;
    this.task = task;
    this.snapshot = snapshot;
  }

  static String of(Subject subject, Task task) throws ErrnoException {
    TaskSnapshot snapshot = TaskSnapshot.of(task, subject.pids());
    if (snapshot == null) {
      throw ErrnoException.of(Errno.ESRCH);
    }
    return new StatText(subject, task, snapshot).make();
  }

  private String make() {
    Task live = subject.live();
    HostTaskStat host = live == null ? HostTaskStat.NONE : HostProc.stat(live.thread().hostTid());
    out.append(subject.tid()).append(" (").append(task.comm()).append(") ");
    out.append(snapshot.state());
    identity();
    field(host.minorFaults());
    field(0);
    field(host.majorFaults());
    field(0);
    times(live);
    scheduling();
    field(startTime());
    field(live == null ? 0 : virtualSize(live, host));
    field(host.residentPages());
    out.append(' ').append(Long.toUnsignedString(task.group().limits().soft(Rlimits.RSS)));
    boolean visible = live != null && subject.mayInspect();
    MemoryManager.Layout layout = visible ? task.mm().layout() : null;
    field(layout == null ? 0 : layout.codeStart());
    field(layout == null ? 0 : layout.codeEnd());
    field(layout == null ? 0 : layout.stackStart());
    // Stack pointer and instruction pointer show only while a core is dumped.
    field(0);
    field(0);
    field(snapshot.pending() & SIGNAL_BITS);
    field(snapshot.blocked() & SIGNAL_BITS);
    field(snapshot.ignored() & SIGNAL_BITS);
    field(snapshot.caught() & SIGNAL_BITS);
    // The wait channel, and two fields that have not been maintained for long.
    field(visible && snapshot.state() != 'R' ? 1 : 0);
    field(0);
    field(0);
    field(snapshot.exitSignal());
    field(host.processor());
    field(task.settings().scheduling().priority());
    field(task.settings().scheduling().policy());
    // Delays by block I/O, and time spent for virtual machines.
    field(0);
    field(0);
    field(0);
    field(layout == null ? 0 : layout.dataStart());
    field(layout == null ? 0 : layout.dataEnd());
    field(layout == null ? 0 : layout.brkStart());
    field(layout == null ? 0 : layout.argStart());
    field(layout == null ? 0 : layout.argEnd());
    field(layout == null ? 0 : layout.envStart());
    field(layout == null ? 0 : layout.envEnd());
    field(visible || live == null ? snapshot.exitCode() : 0);
    return out.append('\n').toString();
  }

  private void field(long value) {
    out.append(' ').append(value);
  }

  private void identity() {
    field(snapshot.parent());
    field(snapshot.processGroup());
    field(snapshot.session());
    field(snapshot.terminal());
    field(snapshot.foreground());
    field(PF_RANDOMIZE | (snapshot.executed() ? 0 : PF_FORKNOEXEC));
  }

  private static long virtualSize(Task live, HostTaskStat host) {
    return Math.max(0, host.virtualSize() - live.mm().hidden(live.thread().hostTid()).all());
  }

  private void times(@Nullable Task live) {
    Usage own = subject.group().usage();
    if (subject.isThread()) {
      own = live == null ? Usage.NONE : Usage.ofThread(live);
    }
    Usage children = subject.group().childrenUsage();
    field(Usage.ticks(own.user()));
    field(Usage.ticks(own.system()));
    field(Usage.ticks(children.user()));
    field(Usage.ticks(children.system()));
  }

  private void scheduling() {
    Scheduling scheduling = task.settings().scheduling();
    if (scheduling.deadline() != null) {
      field(DEADLINE_PRIORITY);
    } else {
      field(
          scheduling.priority() > 0
              ? -1 - scheduling.priority()
              : USUAL_PRIORITY + scheduling.nice());
    }
    field(scheduling.nice());
    field(snapshot.threads());
    field(0);
  }

  /** When it began, by the reader's clock. */
  private long startTime() {
    long start = subject.isThread() ? task.startTime() : subject.group().startTime();
    return Numbers.ticks(Math.max(0, start + TimeNamespace.boottimeOfReader()));
  }
}
