package dev.skerry.sentry.kernel;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Signal;
import dev.skerry.sentry.platform.Registers;
import org.jspecify.annotations.Nullable;

/**
 * The way out of an event: stops, delivers signals, restarts the interrupted call, lets guest code
 * run on. Linux: get_signal() and arch_do_signal_or_restart().
 */
final class Delivery {
  /** The size of the instruction that a restart goes back over. */
  private static final int SYSCALL_INSTRUCTION = 2;

  private static final int RESTART_SYSCALL = 219;

  /** ELF_EXEC_PAGESIZE: no core below that. */
  private static final long SMALLEST_CORE = 4096;

  /** A signal with a handler, and the mask from before it. */
  private record Caught(SigInfo info, SignalAction action, long mask, AlternateStack stack) {}

  private final Task task;
  private final TaskSet tasks;
  private final Registers registers;
  private long restart;

  private Delivery(Task task, long restart) {
    this.task = task;
    this.tasks = task.kernel().tasks();
    this.registers = task.thread().registers();
    this.restart = restart;
  }

  /**
   * Ends the task's event. The registers are those of the return to guest code.
   *
   * @param restart the restart code of the call that returns now, or 0
   */
  static void leave(Task task, long restart) {
    if (!task.attention && restart == 0 && !task.signals.hasSavedMask) {
      task.entry().runGuest();
      return;
    }
    if (task.isDead()) {
      return;
    }
    int alone = task.ending.condemnedBy;
    if (alone != 0) {
      Tracee.end(task, alone, () -> Exit.threadBySignal(task, alone));
      return;
    }
    new Delivery(task, restart).run();
  }

  private void run() {
    if (deliverAll()) {
      restartWithoutHandler();
      task.entry().runGuest();
    }
  }

  /** Returns false if the task does not run on now: it has stopped or ended. */
  private boolean deliverAll() {
    while (true) {
      Caught caught = null;
      SigInfo shown = null;
      boolean trap;
      synchronized (tasks) {
        SigInfo sentence = task.ending.processCondemnedBy;
        if (sentence != null) {
          end(task.group(), sentence);
        }
        if (task.dead) {
          return false;
        }
        if (task.ending.lingers) {
          break;
        }
        trap = Tracee.mustTrap(task);
        if (!trap && JobControl.stopHere(task, this::run)) {
          return false;
        }
        SigInfo info = trap ? null : Signals.take(task, ~task.signals.mask);
        if (info == null && !trap) {
          task.signals.restoreMask();
          Signals.recalculate(task);
          if (!task.attention) {
            return true;
          }
          continue;
        }
        if (info != null && task.trace() != null && info.signal() != Signal.SIGKILL) {
          shown = info;
        } else if (info != null) {
          caught = act(info);
        }
      }
      if (trap || shown != null) {
        showRestart();
        if (shown == null) {
          Tracee.jobTrap(task, this::afterTrace);
        } else {
          Tracee.signal(task, shown, this::afterSignalStop);
        }
        return false;
      }
      if (caught != null) {
        enterHandler(caught);
      }
    }
    showRestart();
    Rundown.arrive(task);
    return false;
  }

  /** The tracer sees the restart code itself, and may change it. */
  private void showRestart() {
    if (restart != 0) {
      registers.set(Registers.RAX, restart);
    }
  }

  private void afterTrace() {
    restart = Tracee.restartCode(task);
    run();
  }

  /** The tracer has seen a signal, and lets it or another one through, or none. */
  private void afterSignalStop(int signal, @Nullable SigInfo seen) {
    restart = Tracee.restartCode(task);
    Caught caught = null;
    SigInfo info = chosen(signal, seen);
    synchronized (tasks) {
      if (info != null && !task.dead) {
        if ((task.signals.mask & Signal.bit(info.signal())) != 0) {
          Signals.send(task, info);
        } else {
          caught = act(info);
        }
      }
    }
    if (caught != null) {
      enterHandler(caught);
      Trace trace = task.trace();
      if (trace != null && trace.mode.steps) {
        Tracee.handlerStep(task, this::run);
        return;
      }
    }
    run();
  }

  private @Nullable SigInfo chosen(int signal, @Nullable SigInfo seen) {
    if (signal == 0 || seen == null) {
      return null;
    }
    if (signal == TraceStop.Resumption.UNSEEN || signal == seen.signal()) {
      return seen;
    }
    Trace trace = task.trace();
    Task tracer = trace == null ? task : trace.tracer;
    return Signals.from(tracer, task, signal, Signal.SI_USER);
  }

  /** Does what the action says, or returns the signal that has a handler. Guarded by TaskSet. */
  private @Nullable Caught act(SigInfo info) {
    int signal = info.signal();
    ThreadGroup group = task.group();
    SignalState state = task.signals;
    SignalAction action = group.handlers.get(signal);
    if (action.isIgnore()) {
      return null;
    }
    if (!action.isDefault()) {
      Caught caught = new Caught(info, action, state.maskForHandler(), state.alternateStack);
      state.hasSavedMask = false;
      if (action.has(SignalAction.SA_RESETHAND)) {
        group.handlers.set(
            signal, new SignalAction(0, action.flags(), action.restorer(), action.mask()));
      }
      long mask = state.mask | action.mask();
      if (!action.has(SignalAction.SA_NODEFER)) {
        mask |= Signal.bit(signal);
      }
      Signals.setMask(task, mask);
      return caught;
    }
    defaultAction(group, info);
    return null;
  }

  private void defaultAction(ThreadGroup group, SigInfo info) {
    int signal = info.signal();
    long bit = Signal.bit(signal);
    if ((bit & Signal.IGNORED) != 0) {
      return;
    }
    if (group.isInit() && !task.signals.forced && (bit & Signal.UNSTOPPABLE) == 0) {
      return;
    }
    if ((bit & Signal.STOPS) != 0) {
      if (signal == Signal.SIGSTOP || !group.processGroup().isOrphanedWithout(null)) {
        JobControl.begin(group, signal);
      }
      return;
    }
    end(group, info);
  }

  private void end(ThreadGroup group, SigInfo info) {
    int signal = info.signal();
    boolean dumps =
        (Signal.bit(signal) & Signals.CORE) != 0
            && task.isDumpable()
            && !group.limits().exceeds(Rlimits.CORE, SMALLEST_CORE);
    if (dumps) {
      Exit.killWithCore(task, info);
    } else {
      Exit.kill(group, signal);
    }
  }

  private void enterHandler(Caught caught) {
    restartWithHandler(caught.action());
    boolean entered =
        new SignalFrame(task.memory(), registers)
            .push(caught.info(), caught.action(), caught.mask(), caught.stack());
    synchronized (tasks) {
      if (!entered) {
        if (caught.info().signal() == Signal.SIGSEGV) {
          task.group().handlers.set(Signal.SIGSEGV, SignalAction.DEFAULT_ACTION);
        }
        Signals.force(task, SigInfo.kernel(Signal.SIGSEGV));
      } else if ((caught.stack().flags() & AlternateStack.SS_AUTODISARM) != 0) {
        task.signals.alternateStack = AlternateStack.NONE;
      }
    }
  }

  private void restartWithHandler(SignalAction action) {
    boolean again =
        restart == Results.ERESTARTNOINTR
            || (restart == Results.ERESTARTSYS && action.has(SignalAction.SA_RESTART));
    if (again) {
      repeatCall(task.entry().originalCall());
    } else if (restart != 0) {
      registers.set(Registers.RAX, -Errno.EINTR);
      task.entry().forgetRestart();
    }
    restart = 0;
  }

  private void restartWithoutHandler() {
    if (restart == Results.ERESTART_RESTARTBLOCK) {
      repeatCall(RESTART_SYSCALL);
    } else if (restart != 0) {
      repeatCall(task.entry().originalCall());
    }
    restart = 0;
  }

  private void repeatCall(long number) {
    registers.set(Registers.RAX, number);
    registers.set(Registers.RIP, registers.get(Registers.RIP) - SYSCALL_INSTRUCTION);
  }
}
