package dev.skerry.sentry.kernel;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Signal;
import dev.skerry.sentry.waiter.Events;
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
      for (ThreadGroup child : task().group().children()) {
        if (!matches(child)) {
          continue;
        }
        any = true;
        report = examine(child);
        if (report != null) {
          break;
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

  private boolean matches(ThreadGroup child) {
    boolean chosen =
        switch (which) {
          case ANY -> true;
          case PROCESS -> child.tgid() == id;
          case PROCESS_GROUP -> child.processGroup().id() == id;
        };
    if (!chosen || ((options & WNOTHREAD) != 0 && child.parentThread() != task())) {
      return false;
    }
    boolean clone = child.exitSignal != Signal.SIGCHLD;
    return (options & WALL) != 0 || clone == ((options & WCLONE) != 0);
  }

  private @Nullable Report examine(ThreadGroup child) {
    boolean keep = (options & WNOWAIT) != 0;
    if (child.zombie) {
      if ((options & WEXITED) == 0) {
        return null;
      }
      Report report = ended(child);
      if (!keep) {
        task().group().addChildUsage(child);
        Exit.reap(child);
      }
      return report;
    }
    if (child.stopReport && (options & WSTOPPED) != 0) {
      child.stopReport = keep;
      int signal = child.stopSignal;
      return report(child, (signal << 8) | 0x7f, Signal.CLD_STOPPED, signal);
    }
    if (child.continueReport && (options & WCONTINUED) != 0) {
      child.continueReport = keep;
      return report(child, CONTINUED, Signal.CLD_CONTINUED, Signal.SIGCONT);
    }
    return null;
  }

  private Report ended(ThreadGroup child) {
    int status = child.exitCode;
    if ((status & 0x7f) == 0) {
      return report(child, status, Signal.CLD_EXITED, (status >> 8) & 0xff);
    }
    int code = (status & 0x80) != 0 ? Signal.CLD_DUMPED : Signal.CLD_KILLED;
    return report(child, status, code, status & 0x7f);
  }

  private Report report(ThreadGroup child, int status, int code, int detail) {
    Usage usage = child.zombie ? child.usage().plus(child.childrenUsage()) : Usage.NONE;
    int uid = task().credentials().userNamespace().shownUid(child.leader().credentials().uid());
    int pid = task().pidNamespace().number(child);
    return new Report(pid, uid, status, code, detail, usage);
  }
}
