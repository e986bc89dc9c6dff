package dev.skerry.sentry.kernel;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Signal;
import dev.skerry.sentry.waiter.Events;
import org.jspecify.annotations.Nullable;

/** Stops and continues processes. All but the public methods run with TaskSet held. */
public final class JobControl {
  private JobControl() {}

  /** Begins a stop of the whole group: each thread stops when it next comes by. */
  static void begin(ThreadGroup group, int signal) {
    group.stopSignal = signal;
    group.continueReport = false;
    group.stopsAwaited = 0;
    for (Task task : group.liveThreads()) {
      SignalState state = task.signals;
      if (!task.dead && !state.stopped) {
        state.stopPending = true;
        state.stopCounts = true;
        group.stopsAwaited++;
        task.wake();
      }
    }
  }

  /** Stops the task here and now, if that is asked of it. */
  static boolean stopHere(Task task, Runnable afterwards) {
    SignalState state = task.signals;
    if (!state.stopPending) {
      return false;
    }
    leaving(task);
    state.stopped = true;
    state.afterStop = afterwards;
    return true;
  }

  /** A thread stops, or leaves, and with it perhaps the last that a stop waited for. */
  static void leaving(Task task) {
    SignalState state = task.signals;
    boolean counts = state.stopPending && state.stopCounts;
    state.stopPending = false;
    state.stopCounts = false;
    if (counts) {
      counted(task.group());
    }
  }

  private static void counted(ThreadGroup group) {
    group.stopsAwaited--;
    if (group.stopsAwaited == 0 && !group.stopped) {
      group.stopped = true;
      group.stopReport = true;
      report(group, Signal.CLD_STOPPED, group.stopSignal);
    }
  }

  /** Ends a stop, complete or not. */
  static void resume(ThreadGroup group) {
    if (group.stopped) {
      group.continueReport = true;
      report(group, Signal.CLD_CONTINUED, Signal.SIGCONT);
    } else if (group.stopsAwaited > 0) {
      report(group, Signal.CLD_STOPPED, group.stopSignal);
    }
    group.stopped = false;
    group.stopReport = false;
    group.stopsAwaited = 0;
    for (Task task : group.liveThreads()) {
      SignalState state = task.signals;
      state.stopPending = false;
      state.stopCounts = false;
      goOn(task);
      Tracing.noticeContinued(task);
    }
  }

  /** Lets a stopped task run on, to its next stop perhaps. */
  static void goOn(Task task) {
    SignalState state = task.signals;
    Runnable next = state.afterStop;
    if (state.stopped && next != null) {
      state.stopped = false;
      state.afterStop = null;
      task.kernel().runQueue().add(next);
    }
  }

  private static void report(ThreadGroup group, int code, int status) {
    ThreadGroup parent = group.parent();
    Trace trace = group.leader().trace();
    boolean told = trace != null && trace.tracer.group() == parent;
    if (parent == null || (told && code == Signal.CLD_STOPPED)) {
      return;
    }
    SignalAction action = parent.handlers.get(Signal.SIGCHLD);
    if (!action.isIgnore() && !action.has(SignalAction.SA_NOCLDSTOP)) {
      Signals.send(parent, Exit.childInfo(group, code, status));
    }
    parent.childQueue().wake(Events.READABLE);
  }

  /** setpgid(2). */
  public static long setProcessGroup(Task caller, int pid, int groupId) {
    TaskSet tasks = caller.kernel().tasks();
    PidNamespace pids = caller.pidNamespace();
    if ((groupId == 0 ? pid : groupId) < 0) {
      return -Errno.EINVAL;
    }
    int id = pid == 0 ? caller.group().tgid() : pids.id(pid);
    int wanted = groupId == 0 ? id : pids.id(groupId);
    synchronized (tasks) {
      Task task = tasks.find(id);
      if (task == null) {
        return -Errno.ESRCH;
      }
      if (!task.isLeader()) {
        return -Errno.EINVAL;
      }
      ThreadGroup group = task.group();
      Session session = caller.group().session();
      if (group.parent() == caller.group()) {
        if (group.session() != session) {
          return -Errno.EPERM;
        }
        if (group.executed) {
          return -Errno.EACCES;
        }
      } else if (group != caller.group()) {
        return -Errno.ESRCH;
      }
      if (group.session().id() == group.tgid()) {
        return -Errno.EPERM;
      }
      ProcessGroup target = tasks.findProcessGroup(wanted);
      if (target == null && wanted == id) {
        target = tasks.newProcessGroup(id, session);
      }
      if (target == null || target.session() != session) {
        return -Errno.EPERM;
      }
      tasks.move(group, target);
      return 0;
    }
  }

  /** setsid(2). */
  public static long newSession(Task caller) {
    TaskSet tasks = caller.kernel().tasks();
    synchronized (tasks) {
      ThreadGroup group = caller.group();
      int id = group.tgid();
      if (tasks.findProcessGroup(id) != null || tasks.findSession(id) != null) {
        return -Errno.EPERM;
      }
      tasks.move(group, tasks.newProcessGroup(id, tasks.newSession(id)));
      group.withoutTerminal = false;
      return caller.pidNamespace().number(id);
    }
  }

  /**
   * Whether a task may use its controlling terminal now (termios(3), TOSTOP; read and ioctl by a
   * background job).
   *
   * @param signal SIGTTIN for reading, SIGTTOU for writing and setting
   * @return zero, -EIO, or an error after which the signal has been sent to the task's job
   */
  public static long checkTerminal(Task task, ControllingTerminal terminal, int signal) {
    TaskSet tasks = task.kernel().tasks();
    synchronized (tasks) {
      ProcessGroup group = task.group().processGroup();
      Session session = group.session();
      @Nullable ProcessGroup foreground = session.foreground();
      if (task.group().controllingTerminal() != terminal
          || foreground == null
          || foreground == group) {
        return 0;
      }
      long bit = Signal.bit(signal);
      boolean heldOff =
          (task.signals.mask & bit) != 0 || task.group().handlers.get(signal).isIgnore();
      if (heldOff) {
        return signal == Signal.SIGTTIN ? -Errno.EIO : 0;
      }
      if (group.isOrphanedWithout(null)) {
        return -Errno.EIO;
      }
      SigInfo info = SigInfo.kernel(signal);
      for (ThreadGroup member : group.members()) {
        Signals.send(member, info);
      }
      return Results.ERESTARTSYS;
    }
  }
}
