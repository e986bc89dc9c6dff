package dev.skerry.sentry.kernel;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Signal;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.platform.Registers;
import dev.skerry.sentry.waiter.Events;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a traced task does: it stops for its tracer, always in an event, so that its registers are
 * at hand. A system call that came in without them is answered at once, and the thread made to look
 * up: the look-up finds it right behind the call, which the sentry then serves from there. Linux:
 * ptrace_stop() and those that call it.
 */
final class Tracee {
  private static final int CALL_BEGINS = 1;
  private static final int CALL_ENDS = 2;
  private static final int SYSGOOD = 0x80;

  /** The trap flag of EFLAGS. */
  private static final long TRAP = 0x100;

  private static final int TRAP_BRKPT = 1;
  private static final int TRAP_TRACE = 2;
  private static final int TRAP_HWBKPT = 4;

  private Tracee() {}

  /** Whether the tracer is to see the system call, or its end. */
  static boolean intercepts(Task task, Trace trace, int number) {
    boolean ends = number == Syscall.EXIT || number == Syscall.EXIT_GROUP;
    return trace.mode != Trace.Mode.CONTINUE
        || (ends && trace.wants(Trace.EVENT_EXIT))
        || task.entry().isStepped();
  }

  /** A system call begins, its registers are at hand. */
  static void beginCall(Task task) {
    Registers registers = task.thread().registers();
    registers.set(Registers.RAX, -Errno.ENOSYS);
    clearStep(task);
    Trace trace = task.trace();
    if (trace == null || !trace.mode.stopsAtCalls) {
      task.entry().serveCall();
      return;
    }
    Runnable next = trace.mode.emulates ? task.entry()::skipCall : task.entry()::serveCall;
    callStop(task, trace, CALL_BEGINS, next);
  }

  /**
   * A system call ends; the registers are those after it.
   *
   * @param restart its restart code, or 0
   */
  static void endCall(Task task, Trace trace, long restart) {
    Registers registers = task.thread().registers();
    if (trace.mode == Trace.Mode.STEP) {
      synchronized (task.kernel().tasks()) {
        long address = registers.get(Registers.RIP);
        Signals.force(task, SigInfo.fault(Signal.SIGTRAP, TRAP_BRKPT, address));
      }
    }
    if (trace.mode != Trace.Mode.CALLS || task.ending.condemnedBy != 0) {
      Delivery.leave(task, restart);
      return;
    }
    if (restart != 0) {
      registers.set(Registers.RAX, restart);
    }
    callStop(task, trace, CALL_ENDS, () -> Delivery.leave(task, restartCode(task)));
  }

  private static void callStop(Task task, Trace trace, int message, Runnable next) {
    int code = Signal.SIGTRAP | ((trace.options & Trace.O_TRACESYSGOOD) != 0 ? SYSGOOD : 0);
    stop(
        task,
        () -> {
          SigInfo info = own(task, code);
          return new TraceStop(
              code,
              Signal.CLD_TRAPPED,
              info,
              message,
              (signal, seen) -> inject(task, signal, next));
        },
        next);
  }

  /** The restart code that the registers hold after a stop in which they may have been changed. */
  static long restartCode(Task task) {
    long result = task.thread().registers().get(Registers.RAX);
    return task.entry().originalCall() >= 0 && Results.isRestart(result) ? result : 0;
  }

  /** The siginfo of a trap of the task's own (ptrace_do_notify()). */
  private static SigInfo own(Task task, int code) {
    return own(task, Signal.SIGTRAP, code);
  }

  private static SigInfo own(Task task, int signal, int code) {
    Credentials who = task.credentials();
    int uid = who.userNamespace().shownUid(who.uid());
    return SigInfo.user(signal, code, task.pidNamespace().number(task), uid);
  }

  private static void inject(Task task, int signal, Runnable next) {
    if (signal > 0) {
      task.signal(SigInfo.kernel(signal));
    }
    next.run();
  }

  /** As {@link #event}, for a child, of which the tracer gets the number that it has there. */
  static void child(Task task, int event, int id, Runnable next) {
    Trace trace = task.trace();
    event(task, event, trace == null ? 0 : trace.tracer.pidNamespace().number(id), next);
  }

  /** Stops for an event that the tracer wants to see; then, or at once, goes on. */
  static void event(Task task, int event, long message, Runnable next) {
    Trace trace = task.trace();
    if (trace == null || !trace.wants(event)) {
      next.run();
      return;
    }
    trap(task, Signal.SIGTRAP | event << 8, message, (signal, seen) -> next.run());
  }

  /** The task, without its process, is about to end: stops if its tracer wants to see that. */
  static void end(Task task, int code, Runnable next) {
    Trace trace = task.trace();
    if (trace == null || !task.thread().inEvent() || task.ending.lingers) {
      next.run();
      return;
    }
    event(
        task,
        Trace.EVENT_EXIT,
        code,
        () -> {
          task.ending.seen = true;
          next.run();
        });
  }

  /** The first instruction of a handler, after a step (signal_setup_done()). */
  static void handlerStep(Task task, Runnable next) {
    trap(task, Signal.SIGTRAP, 0, (signal, seen) -> inject(task, signal, next));
  }

  private static void trap(Task task, int code, long message, TraceStop.Resumption next) {
    stop(
        task,
        () -> new TraceStop(code, Signal.CLD_TRAPPED, own(task, code), message, next),
        () -> next.resumed(TraceStop.Resumption.UNSEEN, null));
  }

  /** Stops before a signal is delivered. */
  static void signal(Task task, SigInfo info, TraceStop.Resumption next) {
    stop(
        task,
        () -> new TraceStop(info.signal(), Signal.CLD_TRAPPED, info, 0, next),
        () -> next.resumed(TraceStop.Resumption.UNSEEN, info));
  }

  /** Whether the task is to stop with its process, or for its tracer alone. Guarded by TaskSet. */
  static boolean mustTrap(Task task) {
    Trace trace = task.trace();
    return trace != null && (trace.hasTrap() || task.signals.stopPending);
  }

  /** Stops as {@link #mustTrap} says (do_jobctl_trap()). */
  static void jobTrap(Task task, Runnable next) {
    stop(task, () -> jobStop(task, next), next);
  }

  private static @Nullable TraceStop jobStop(Task task, Runnable next) {
    Trace trace = task.trace();
    if (trace == null || !mustTrap(task)) {
      return null;
    }
    ThreadGroup group = task.group();
    boolean stopping = task.signals.stopPending || group.stopped || group.stopsAwaited > 0;
    int signal = stopping ? group.stopSignal : Signal.SIGTRAP;
    trace.trapPending = false;
    JobControl.leaving(task);
    if (trace.seized) {
      trace.noticePending = false;
      int code = signal | Trace.EVENT_STOP << 8;
      SigInfo info = own(task, signal, code);
      return new TraceStop(code, Signal.CLD_STOPPED, info, 0, (given, seen) -> next.run());
    }
    return stopping
        ? new TraceStop(signal, Signal.CLD_STOPPED, null, 0, (given, seen) -> next.run())
        : null;
  }

  /**
   * Stops the task, in an event.
   *
   * @param maker makes the stop with TaskSet held; null: it is not wanted any more
   * @param otherwise runs if there is no stop, because the tracer has gone for example
   */
  private static void stop(Task task, Supplier<@Nullable TraceStop> maker, Runnable otherwise) {
    clearStep(task);
    task.thread()
        .openToInspection(
            () -> {
              if (!publish(task, maker)) {
                otherwise.run();
              }
            });
  }

  /** Returns false if the task goes on. */
  private static boolean publish(Task task, Supplier<@Nullable TraceStop> maker) {
    synchronized (task.kernel().tasks()) {
      if (task.dead) {
        return true;
      }
      Trace trace = task.trace();
      TraceStop made = trace == null ? null : maker.get();
      if (trace == null || made == null) {
        return false;
      }
      // Any stop is one that the tracer waited for.
      trace.trapPending = false;
      trace.stop = made;
      Signals.recalculate(task);
      tell(task, trace.tracer, made.why, made.code & 0x7f);
      return true;
    }
  }

  /** Tells the tracer that the task has something to report. Guarded by TaskSet. */
  static void tell(Task task, Task tracer, int why, int status) {
    ThreadGroup told = tracer.group();
    SignalAction action = told.handlers.get(Signal.SIGCHLD);
    if (!action.isIgnore() && !action.has(SignalAction.SA_NOCLDSTOP)) {
      int uid = tracer.credentials().userNamespace().shownUid(task.credentials().uid());
      int pid = tracer.pidNamespace().number(task);
      Signals.send(told, SigInfo.child(Signal.SIGCHLD, why, pid, uid, status, 0, 0));
    }
    told.childQueue().wake(Events.READABLE);
  }

  /** The program is in place; the registers are those it starts with. */
  static void executed(Task task, int formerTid) {
    Trace trace = task.trace();
    if (trace != null && !trace.seized && !trace.wants(Trace.EVENT_EXEC)) {
      task.signal(Signals.from(task, task, Signal.SIGTRAP, Signal.SI_USER));
    }
    Registers registers = task.thread().registers();
    registers.set(Registers.RAX, -Errno.ENOSYS);
    child(
        task,
        Trace.EVENT_EXEC,
        formerTid,
        () -> {
          registers.set(Registers.RAX, 0);
          task.entry().leaveCall(0);
        });
  }

  /** The task is about to run guest code. */
  static void prepareRun(Task task, Trace trace) {
    DebugRegisters debug = trace.debug;
    boolean watches = debug != null && debug.isActive();
    if (debug != null && watches) {
      debug.arm(task.memory());
    }
    if (watches || trace.mode.steps) {
      Registers registers = task.thread().registers();
      long flags = registers.get(Registers.EFLAGS);
      if ((flags & TRAP) == 0) {
        registers.set(Registers.EFLAGS, flags | TRAP);
        task.entry().setStepped(true);
      }
    }
  }

  /** Takes the trap flag back that {@link #prepareRun} has set: neither tracer nor task sees it. */
  static void clearStep(Task task) {
    if (task.entry().isStepped()) {
      task.entry().setStepped(false);
      Registers registers = task.thread().registers();
      registers.set(Registers.EFLAGS, registers.get(Registers.EFLAGS) & ~TRAP);
    }
  }

  /**
   * A fault has ended what {@link #prepareRun} began.
   *
   * @return whether it was the end of a step that the tracer has no interest in
   */
  static boolean endStep(Task task, int signal, int code) {
    clearStep(task);
    if (signal != Signal.SIGTRAP || code != TRAP_TRACE) {
      return false;
    }
    Trace trace = task.trace();
    if (trace == null) {
      return true;
    }
    boolean wanted = trace.mode.steps;
    DebugRegisters debug = trace.debug;
    long address = task.thread().registers().get(Registers.RIP);
    boolean hit = debug != null && debug.stepped(task.memory(), address, wanted);
    if (hit && !wanted) {
      synchronized (task.kernel().tasks()) {
        Signals.force(task, SigInfo.fault(Signal.SIGTRAP, TRAP_HWBKPT, address));
      }
    }
    return !wanted;
  }
}
