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

  /** Set by {@link #act}: the process has come to its end, and its core is to be dumped. */
  private @Nullable SigInfo core;

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
      task.thread().resume();
      return;
    }
    if (task.isDead()) {
      return;
    }
    if (task.condemnedBy != 0) {
      Exit.threadBySignal(task, task.condemnedBy);
      return;
    }
    Delivery delivery = new Delivery(task, restart);
    if (delivery.deliverAll()) {
      delivery.restartWithoutHandler();
      task.thread().resume();
    }
  }

  /** Returns false if the task does not run on now: it has stopped or ended. */
  private boolean deliverAll() {
    while (true) {
      Caught caught;
      synchronized (tasks) {
        if (task.dead) {
          return false;
        }
        if (JobControl.stopHere(task, this::afterStop)) {
          return false;
        }
        SigInfo info = Signals.take(task, ~task.signals.mask);
        if (info == null) {
          task.signals.restoreMask();
          Signals.recalculate(task);
          if (!task.attention) {
            return true;
          }
          continue;
        }
        caught = act(info);
      }
      if (caught != null) {
        enterHandler(caught);
      } else if (core != null) {
        Exit.finishDump(task.group(), task.kernel().coreDumper().dump(task, core));
        return false;
      }
    }
  }

  private void afterStop() {
    leave(task, restart);
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
    boolean dumps =
        (bit & Signals.CORE) != 0
            && task.isDumpable()
            && !group.limits().exceeds(Rlimits.CORE, SMALLEST_CORE);
    if (dumps) {
      core = Exit.beginDump(group, signal) ? info : null;
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
      repeatCall(task.callNumber());
    } else if (restart != 0) {
      registers.set(Registers.RAX, -Errno.EINTR);
      task.forgetRestart();
    }
    restart = 0;
  }

  private void restartWithoutHandler() {
    if (restart == Results.ERESTART_RESTARTBLOCK) {
      repeatCall(RESTART_SYSCALL);
    } else if (restart != 0) {
      repeatCall(task.callNumber());
    }
    restart = 0;
  }

  private void repeatCall(int number) {
    registers.set(Registers.RAX, number);
    registers.set(Registers.RIP, registers.get(Registers.RIP) - SYSCALL_INSTRUCTION);
  }
}
