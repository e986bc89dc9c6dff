package dev.skerry.sentry.kernel;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Signal;
import dev.skerry.sentry.auth.Capability;
import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.landlock.Domain;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What tracers do with tasks (ptrace(2)). The public methods take TaskSet themselves; the others
 * run with it held. Linux: kernel/ptrace.c.
 */
public final class Tracing {
  /** PTRACE_O_ of tracing system calls, the events, the end with the tracer, free of filters. */
  private static final int OPTIONS = 0xff | Trace.O_EXITKILL | Trace.O_SUSPEND_SECCOMP;

  private Tracing() {}

  /** PTRACE_TRACEME: the parent becomes the tracer. */
  public static long traceMe(Task task) {
    synchronized (task.kernel().tasks()) {
      ThreadGroup parent = task.group().parent();
      Task tracer = task.group().parentThread();
      if (tracer == null && parent != null) {
        tracer = parent.leader();
      }
      if (task.trace() != null || tracer == null || tracer.dead) {
        return -Errno.EPERM;
      }
      if (!holdsAll(tracer.credentials(), task.credentials())
          || !Domain.contains(tracer.credentials().domain(), task.credentials().domain())) {
        return -Errno.EPERM;
      }
      link(task, new Trace(tracer, false, 0));
      return 0;
    }
  }

  /** Whether one may have power over the other's capabilities (cap_ptrace_traceme()). */
  private static boolean holdsAll(Credentials one, Credentials other) {
    boolean asMany =
        one.userNamespace() == other.userNamespace() && (other.permitted() & ~one.permitted()) == 0;
    return asMany || one.hasCapability(other.userNamespace(), Capability.SYS_PTRACE);
  }

  private static boolean hasPower(Task tracer, Task task) {
    return tracer
        .credentials()
        .hasCapability(task.credentials().userNamespace(), Capability.SYS_PTRACE);
  }

  static void link(Task task, Trace trace) {
    task.setTrace(trace);
    trace.tracer.tracees.add(task);
  }

  private static void unlink(Task task, Trace trace) {
    task.setTrace(null);
    trace.tracer.tracees.remove(task);
  }

  /** Whether there are such options. */
  public static boolean areKnown(long options) {
    return (options & ~(long) OPTIONS) == 0;
  }

  /** Whether the tracer may set the options, all of which are known. */
  public static boolean mayUse(Task tracer, long options) {
    boolean free = tracer.callFilter() == null && !suspendsFilters(tracer);
    return (options & Trace.O_SUSPEND_SECCOMP) == 0
        || (free && tracer.credentials().hasCapability(Capability.SYS_ADMIN));
  }

  /** Whether the task's tracer lets it call what its filters would not. */
  public static boolean suspendsFilters(Task task) {
    Trace trace = task.trace();
    return trace != null && (trace.options & Trace.O_SUSPEND_SECCOMP) != 0;
  }

  /**
   * A filter leaves the calling task's present call to its tracer.
   *
   * @param data what the filter says with it
   * @return as a system call
   */
  public static long askTracer(Task task, long[] arguments, int data) {
    Trace trace = task.trace();
    return trace != null && trace.wants(Trace.EVENT_SECCOMP)
        ? task.entry().askTracer(arguments, data)
        : -Errno.ENOSYS;
  }

  /** PTRACE_ATTACH and PTRACE_SEIZE, the latter with options. */
  public static long attach(Task tracer, Task task, boolean seizes, int options) {
    synchronized (tracer.kernel().tasks()) {
      // Who may not let rights rise under a tracer's eyes has to come before or after.
      boolean late = task.executing && !hasPower(tracer, task);
      if (task.group() == tracer.group()
          || late
          || !SignalControl.mayInspect(tracer, task)
          || task.dead
          || task.trace() != null) {
        return -Errno.EPERM;
      }
      Trace trace = new Trace(tracer, seizes, options);
      link(task, trace);
      if (!seizes) {
        Signals.send(task, SigInfo.kernel(Signal.SIGSTOP));
      }
      if (task.signals.stopped) {
        // From the stop of its process into one for the tracer.
        trace.trapPending = true;
        task.attention = true;
        JobControl.goOn(task);
      }
      return 0;
    }
  }

  /**
   * The caller's tracee, or null: ESRCH.
   *
   * @param running whether it need not have stopped
   */
  public static @Nullable Task find(Task tracer, int tid, boolean running) {
    synchronized (tracer.kernel().tasks()) {
      Task task = tracer.pidNamespace().find(tid);
      Trace trace = task == null ? null : task.trace();
      if (trace == null || trace.tracer != tracer) {
        return null;
      }
      boolean stopped = trace.stop != null && !trace.listening;
      return running || stopped ? task : null;
    }
  }

  private static Trace traceOf(Task task) {
    Trace trace = task.trace();
    if (trace == null) {
      throw new IllegalStateException("task " + task.tid() + " is not traced");
    }
    return trace;
  }

  /** PTRACE_CONT and those that let the task run on in other ways. */
  public static long resume(Task task, Trace.Mode mode, long signal) {
    if (signal != 0 && !isSignal(signal)) {
      return -Errno.EIO;
    }
    synchronized (task.kernel().tasks()) {
      Trace trace = task.trace();
      if (trace == null) {
        return -Errno.ESRCH;
      }
      trace.mode = mode;
      release(task, trace, (int) signal);
      return 0;
    }
  }

  private static boolean isSignal(long number) {
    return number > 0 && number <= Signal.MAX;
  }

  private static void release(Task task, Trace trace, int signal) {
    TraceStop stop = trace.stop;
    if (stop != null) {
      trace.stop = null;
      trace.listening = false;
      task.kernel().runQueue().add(() -> stop.next.resumed(signal, stop.info));
    }
  }

  /** PTRACE_DETACH. */
  public static long detach(Task task, long signal) {
    if (signal != 0 && !isSignal(signal)) {
      return -Errno.EIO;
    }
    synchronized (task.kernel().tasks()) {
      Trace trace = task.trace();
      if (trace == null) {
        return -Errno.ESRCH;
      }
      letGo(task, trace, (int) signal);
      return 0;
    }
  }

  private static void letGo(Task task, Trace trace, int signal) {
    unlink(task, trace);
    ThreadGroup group = task.group();
    if (task.dead) {
      buried(task, trace);
      return;
    }
    if ((group.stopped || group.stopsAwaited > 0) && !task.signals.stopped) {
      // Its process has stopped, and so does the task again.
      task.signals.stopPending = true;
      task.attention = true;
      if (trace.stop == null) {
        task.wake();
      }
    }
    release(task, trace, signal);
  }

  /** The tracer has done with a task that has ended. */
  static void buried(Task task, Trace trace) {
    ThreadGroup group = task.group();
    if (task.unreaped) {
      task.unreaped = false;
      task.kernel().tasks().remove(task);
      group.unreaped--;
      if (group.zombie && group.unreaped == 0) {
        Exit.notifyParent(group);
      }
    } else if (group.zombie && group.leader() == task && isForeign(group, trace)) {
      Exit.notifyParent(group);
    }
  }

  /** Whether the tracer is not the real parent (ptrace_reparented()). */
  static boolean isForeign(ThreadGroup group, Trace trace) {
    return trace.tracer.group() != group.parent();
  }

  /** The task takes another one's id, or has lost its own: nothing will be told of it. */
  static void forget(Task task) {
    Trace trace = task.trace();
    if (trace != null) {
      unlink(task, trace);
    }
  }

  /** The task is past the point of no return of an execve, and still has the id of before. */
  static void executing(Task task) {
    Trace trace = task.trace();
    if (trace != null) {
      trace.formerTid = task.tid();
    }
  }

  /** A wait of the tracer's has taken the end of the task. */
  static void reaped(Task task, Trace trace) {
    unlink(task, trace);
    ThreadGroup group = task.group();
    if (!task.unreaped && !isForeign(group, trace)) {
      trace.tracer.group().addChildUsage(group);
      Exit.reap(group);
    } else {
      buried(task, trace);
    }
  }

  /**
   * A task ends, or becomes another by an execve: those that it traces are free, or die with it.
   */
  static void tracerGone(Task tracer) {
    for (Task task : new ArrayList<>(tracer.tracees)) {
      Trace trace = traceOf(task);
      if ((trace.options & Trace.O_EXITKILL) != 0) {
        Exit.kill(task.group(), Signal.SIGKILL);
      }
      TraceStop stop = trace.stop;
      letGo(task, trace, stop == null ? 0 : stop.code & 0x7f);
    }
  }

  /**
   * A traced task that is not its process's first ends: its tracer is to be told.
   *
   * @return false if nobody traces it
   */
  static boolean ended(Task task) {
    Trace trace = task.trace();
    if (trace == null) {
      return false;
    }
    task.unreaped = true;
    task.group().unreaped++;
    int code = task.exitCode;
    boolean exited = (code & 0x7f) == 0;
    int why = exited ? Signal.CLD_EXITED : Signal.CLD_KILLED;
    Tracee.tell(task, trace.tracer, why, exited ? code >> 8 & 0xff : code & 0x7f);
    return true;
  }

  /** The task was killed, in a stop perhaps. */
  static void dying(Task task) {
    Trace trace = task.trace();
    if (trace != null) {
      trace.stop = null;
      trace.listening = false;
    }
  }

  /** SIGCONT has come, for the process of a task. */
  static void noticeContinued(Task task) {
    Trace trace = task.trace();
    if (trace == null || !trace.seized || task.dead) {
      return;
    }
    trace.noticePending = true;
    if (trace.listening) {
      release(task, trace, 0);
    }
    task.wake();
  }

  /** PTRACE_INTERRUPT. */
  public static long interrupt(Task task) {
    synchronized (task.kernel().tasks()) {
      Trace trace = task.trace();
      if (trace == null || !trace.seized) {
        return -Errno.EIO;
      }
      if (!task.dead) {
        trace.trapPending = true;
        if (trace.listening) {
          release(task, trace, 0);
        }
        task.wake();
      }
      return 0;
    }
  }

  /** PTRACE_LISTEN. */
  public static long listen(Task task) {
    synchronized (task.kernel().tasks()) {
      Trace trace = task.trace();
      TraceStop stop = trace == null ? null : trace.stop;
      if (trace == null || stop == null || !trace.seized || !stop.isEventStop()) {
        return -Errno.EIO;
      }
      trace.listening = true;
      if (trace.noticePending) {
        release(task, trace, 0);
      }
      return 0;
    }
  }

  /** PTRACE_KILL. */
  public static long kill(Task task) {
    synchronized (task.kernel().tasks()) {
      Signals.send(task, SigInfo.user(Signal.SIGKILL, Signal.SI_USER, 0, 0));
      return 0;
    }
  }

  /** PTRACE_SETOPTIONS; they were checked. */
  public static long setOptions(Task task, int options) {
    synchronized (task.kernel().tasks()) {
      traceOf(task).options = options;
      return 0;
    }
  }

  /** PTRACE_GETEVENTMSG. */
  public static long eventMessage(Task task) {
    synchronized (task.kernel().tasks()) {
      TraceStop stop = traceOf(task).stop;
      return stop == null ? 0 : stop.message;
    }
  }

  /** PTRACE_GETSIGINFO; null if the stop has none. */
  public static @Nullable SigInfo info(Task task) {
    synchronized (task.kernel().tasks()) {
      TraceStop stop = traceOf(task).stop;
      return stop == null ? null : stop.info;
    }
  }

  /** PTRACE_SETSIGINFO with a siginfo_t; false if the stop has none. */
  public static boolean setInfo(Task task, byte[] abi) {
    synchronized (task.kernel().tasks()) {
      TraceStop stop = traceOf(task).stop;
      if (stop == null || stop.info == null) {
        return false;
      }
      stop.info = SigInfo.raw(abi);
      return true;
    }
  }

  /** PTRACE_GETSIGMASK. */
  public static long signalMask(Task task) {
    synchronized (task.kernel().tasks()) {
      return task.signals.mask;
    }
  }

  /** PTRACE_PEEKSIGINFO: the pending signals of the task, or of its process. */
  public static List<SigInfo> pending(Task task, boolean shared) {
    synchronized (task.kernel().tasks()) {
      return (shared ? task.group().pending : task.signals.pending).list();
    }
  }

  /** The tracer's thread id; 0 if nobody traces the task. */
  public static int tracerOf(Task task) {
    Trace trace = task.trace();
    return trace == null ? 0 : trace.tracer.tid();
  }

  /** ORIG_RAX. */
  public static long originalCall(Task task) {
    return task.entry().originalCall();
  }

  public static void setOriginalCall(Task task, long number) {
    task.entry().setOriginalCall(number);
  }

  /** A debug register, by its number. */
  public static long debugRegister(Task task, int number) {
    DebugRegisters debug = traceOf(task).debug;
    return debug == null ? new DebugRegisters().get(number) : debug.get(number);
  }

  /** Returns zero or an error. */
  public static long setDebugRegister(Task task, int number, long value) {
    Trace trace = traceOf(task);
    DebugRegisters debug = trace.debug;
    if (debug == null) {
      debug = new DebugRegisters();
      trace.debug = debug;
    }
    return debug.set(number, value);
  }

  /** Whether a program with more rights than its caller's may start under its tracer's eyes. */
  public static boolean allowsRise(Task task) {
    Trace trace = task.trace();
    return trace == null || hasPower(trace.tracer, task);
  }

  /**
   * Ends the calling task after its tracer has seen it.
   *
   * @return as exit(2)
   */
  public static long exit(Task task, int status) {
    Tracee.end(task, (status & 0xff) << 8, () -> Exit.thread(task, status));
    return Results.PARKED;
  }
}
