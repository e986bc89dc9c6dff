package dev.skerry.sentry.kernel;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Signal;
import dev.skerry.sentry.waiter.Events;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Waits for a child to change its state (wait4(2), waitid(2)). */
public abstract class ChildWait extends Wait {
  public static final int WNOHANG = 1;
  public static final int WUNTRACED = 2;
  public static final int WSTOPPED = 2;
  public static final int WEXITED = 4;
  public static final int WCONTINUED = 8;
  public static final int WNOWAIT = 0x0100_0000;
  public static final int WNOTHREAD = 0x2000_0000;
  public static final int WALL = 0x4000_0000;
  public static final int WCLONE = 0x8000_0000;

  /** The status of a child that has been continued. */
  private static final int CONTINUED = 0xffff;

  /** Which children count. */
  public enum Which {
    ANY,
    PROCESS,
    PROCESS_GROUP
  }

  /**
   * What a child has to tell.
   *
   * @param status as wait(2) gives it
   * @param code si_code
   * @param detail si_status
   */
  public record Report(int pid, int uid, int status, int code, int detail, Usage usage) {}

  private final Which which;
  private final int id;
  private final int options;

  /**
   * @param options WEXITED among them, for children that have ended
   */
  protected ChildWait(Task task, Which which, int id, int options) {
    super(task);
    this.which = which;
    this.id = id;
    this.options = options;
  }

  /**
   * Takes the report to the guest, and gives the call's result; null: nothing to report (WNOHANG).
   */
  protected abstract long deliver(@Nullable Report report);

  /** Starts the wait: as a system call. */
  public final long start() {
    on(task().group().childQueue(), Events.READABLE);
    return park();
  }

  @Override
  protected final long attempt() {
    Report report;
    synchronized (task().kernel().tasks()) {
      boolean any = false;
      report = null;
      for (ThreadGroup child : List.copyOf(task().group().children())) {
        if (report == null && !isOwnTracee(child.leader()) && matches(child)) {
          any = true;
          report = examine(child);
        }
      }
      for (Task tracee : tracees()) {
        if (report == null && isChosen(tracee.group(), tracee.tid())) {
          any = true;
          report = examineTracee(tracee);
        }
      }
      if (!any) {
        return -Errno.ECHILD;
      }
      if (report == null && (options & WNOHANG) == 0) {
        return Results.NOT_YET;
      }
    }
    return deliver(report);
  }

  private boolean isChosen(ThreadGroup group, int tid) {
    return switch (which) {
      case ANY -> true;
      case PROCESS -> tid == id;
      case PROCESS_GROUP -> {
        ProcessGroup job = group.processGroupOrNull();
        yield job != null && job.id() == id;
      }
    };
  }

  /** Whether it is seen as a tracee, not as a child. */
  private boolean isOwnTracee(Task leader) {
    Trace trace = leader.trace();
    return trace != null && trace.tracer.group() == task().group();
  }

  private List<Task> tracees() {
    if ((options & WNOTHREAD) != 0) {
      return List.copyOf(task().tracees);
    }
    List<Task> all = new ArrayList<>(0);
    for (Task thread : task().group().liveThreads()) {
      all.addAll(thread.tracees);
    }
    return all;
  }

  private boolean matches(ThreadGroup child) {
    if (!isChosen(child, child.tgid())
        || ((options & WNOTHREAD) != 0 && child.parentThread() != task())) {
      return false;
    }
    boolean clone = child.exitSignal != Signal.SIGCHLD;
    return (options & WALL) != 0 || clone == ((options & WCLONE) != 0);
  }

  private @Nullable Report examineTracee(Task tracee) {
    boolean keep = (options & WNOWAIT) != 0;
    ThreadGroup group = tracee.group();
    Trace trace = tracee.trace();
    boolean leads = group.leader() == tracee;
    if (trace == null) {
      return null;
    }
    if (tracee.unreaped || (leads && group.zombie && group.unreaped == 0)) {
      if ((options & WEXITED) == 0) {
        return null;
      }
      Report report =
          ended(group, tracee, leads || group.exiting ? group.exitCode : tracee.exitCode);
      if (!keep) {
        Tracing.reaped(tracee, trace);
      }
      return report;
    }
    TraceStop stop = trace.stop;
    if (stop != null && !trace.listening && stop.code != 0) {
      int code = stop.code;
      stop.code = keep ? code : 0;
      return report(group, tracee, (code << 8) | 0x7f, Signal.CLD_TRAPPED, code);
    }
    return leads ? continued(group, keep) : null;
  }

  private @Nullable Report examine(ThreadGroup child) {
    boolean keep = (options & WNOWAIT) != 0;
    Task leader = child.leader();
    if (child.zombie) {
      // A zombie is its tracer's first.
      if ((options & WEXITED) == 0 || leader.trace() != null || child.unreaped > 0) {
        return null;
      }
      Report report = ended(child, leader, child.exitCode);
      if (!keep) {
        task().group().addChildUsage(child);
        Exit.reap(child);
      }
      return report;
    }
    if (child.stopReport && (options & WSTOPPED) != 0) {
      child.stopReport = keep;
      int signal = child.stopSignal;
      return report(child, leader, (signal << 8) | 0x7f, Signal.CLD_STOPPED, signal);
    }
    return continued(child, keep);
  }

  private @Nullable Report continued(ThreadGroup child, boolean keep) {
    if (child.continueReport && (options & WCONTINUED) != 0) {
      child.continueReport = keep;
      return report(child, child.leader(), CONTINUED, Signal.CLD_CONTINUED, Signal.SIGCONT);
    }
    return null;
  }

  private Report ended(ThreadGroup child, Task task, int status) {
    if ((status & 0x7f) == 0) {
      return report(child, task, status, Signal.CLD_EXITED, (status >> 8) & 0xff);
    }
    int code = (status & 0x80) != 0 ? Signal.CLD_DUMPED : Signal.CLD_KILLED;
    return report(child, task, status, code, status & 0x7f);
  }

  private Report report(ThreadGroup child, Task task, int status, int code, int detail) {
    Usage usage = child.zombie ? child.usage().plus(child.childrenUsage()) : Usage.NONE;
    int uid = task().credentials().userNamespace().shownUid(task.credentials().uid());
    int pid = task().pidNamespace().number(task);
    return new Report(pid, uid, status, code, detail, usage);
  }
}
