package dev.skerry.sentry.kernel;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.platform.GuestThread;
import dev.skerry.sentry.platform.HostCall;
import dev.skerry.sentry.platform.Registers;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A task's way into the kernel and out again: the system call or fault that is being served, or was
 * last. Used by the task's own entries alone, and by its tracer while it has stopped.
 */
final class Entry {
  private final Task task;
  private int callNumber;
  private long callAddress;

  /** Of the call; changed only when another one begins. */
  private long[] callArguments = {};

  /** The call that the thread has come with, -1 if it came for another reason (ORIG_RAX). */
  private long originalCall = -1;

  /** What rt_sigreturn(2) restores beside the registers, while its tracer looks on; else null. */
  private long @Nullable [] returning;

  /** A call was answered only so that it comes again with its registers. */
  private boolean recalled;

  /** The present call's registers are as they were, or a tracer left them, when it began. */
  private boolean begun;

  private boolean clocksChanged;

  /** The trap flag is set, for the tracer. */
  private boolean stepped;

  /** What the last call that was answered outside of events was answered with. */
  private long answered;

  private long interruption;
  private @Nullable Restartable restartable;

  Entry(Task task) {
    this.task = task;
  }

  /** The number of the system call that is being served, or was last. */
  int callNumber() {
    return callNumber;
  }

  /**
   * The call that is being served, or was last: its number, its six arguments, the stack pointer,
   * which is not known and zero, and the address that it returns to.
   */
  long[] presentCall() {
    long[] call = new long[9];
    call[0] = callNumber;
    System.arraycopy(callArguments, 0, call, 1, Math.min(callArguments.length, 6));
    call[8] = callAddress;
    return call;
  }

  /** Where the present call returns to. */
  long callAddress() {
    return callAddress;
  }

  /** ORIG_RAX: the call that the thread has come with, or -1. */
  long originalCall() {
    return originalCall;
  }

  void setOriginalCall(long number) {
    originalCall = number;
  }

  boolean isStepped() {
    return stepped;
  }

  void setStepped(boolean trapFlagSet) {
    stepped = trapFlagSet;
  }

  /** How restart_syscall(2) goes on with the call that now returns ERESTART_RESTARTBLOCK. */
  void setRestart(Restartable continuation) {
    restartable = continuation;
  }

  /** Goes on with an interrupted call; -EINTR if there is none. */
  long restart() {
    Restartable continuation = restartable;
    restartable = null;
    return continuation == null ? -Errno.EINTR : continuation.restart(task);
  }

  void forgetRestart() {
    restartable = null;
  }

  void systemCall(int number, long[] arguments, long instructionPointer) {
    callNumber = number;
    callAddress = instructionPointer;
    callArguments = arguments;
    originalCall = number;
    begun = false;
    Trace present = task.trace();
    if (present != null && Tracee.intercepts(task, present, number)) {
      if (task.thread().inEvent()) {
        hideReturn(arguments);
        Tracee.beginCall(task);
      } else {
        task.thread().answer(recall());
      }
      return;
    }
    serve(number, arguments, false);
  }

  /** Has the present call come again with its registers. Returns what it is answered with now. */
  private long recall() {
    recalled = true;
    task.thread().poke();
    return -Errno.ENOSYS;
  }

  /** The stub has put the registers back that a handler returns to: shows those before instead. */
  private void hideReturn(long[] arguments) {
    if (callNumber == Syscall.RT_SIGRETURN) {
      returning = arguments;
      task.thread().registers().exchangeReturned();
    }
  }

  /**
   * A filter leaves the present call to the tracer, which wants that.
   *
   * @return as a system call
   */
  long askTracer(long[] arguments, int data) {
    if (!task.thread().inEvent()) {
      return recall();
    }
    hideReturn(arguments);
    Registers registers = task.thread().registers();
    if (!begun) {
      registers.set(Registers.RAX, -Errno.ENOSYS);
    }
    Tracee.event(task, Trace.EVENT_SECCOMP, data, this::serveAsked);
    return Results.PARKED;
  }

  private void serve(int number, long[] arguments, boolean asked) {
    SyscallDispatcher dispatcher = task.kernel().dispatcher();
    Task.setCurrent(task);
    long result =
        asked
            ? dispatcher.dispatchTraced(task, number, arguments)
            : dispatcher.dispatch(task, number, arguments);
    Task.setCurrent(null);
    finish(result, number, arguments);
  }

  /** Serves a call that was parked until its filter's listener let it pass. */
  void goOn(int number, long[] arguments) {
    Task.setCurrent(task);
    long result = task.kernel().dispatcher().dispatchPassed(task, number, arguments);
    Task.setCurrent(null);
    finish(result, number, arguments);
  }

  private void finish(long result, int number, long[] arguments) {
    task.kernel().runQueue().sendSignals();
    if (result == Results.CONTINUE) {
      if (task.thread().inEvent()) {
        answerByHost(HostCall.of(number, arguments), () -> {});
      } else {
        task.thread().continueCall();
      }
    } else if (result == Results.SKIPPED) {
      skipCall();
    } else if (result != Results.PARKED) {
      answer(result);
    }
  }

  /** There is no call after all: what a tracer has put into RAX is its result. */
  void skipCall() {
    returning = null;
    if (task.thread().inEvent()) {
      leaveCall(Tracee.restartCode(task));
    } else {
      answer(-Errno.ENOSYS);
    }
  }

  /**
   * Ends the present system call, during an event, with the result of a call that the thread makes
   * itself.
   *
   * @param release runs when that is done, or when the task has died before
   */
  void answerByHost(HostCall call, Runnable release) {
    task.setRelease(release);
    if (task.isDead()) {
      task.release();
      return;
    }
    task.thread()
        .hostCalls(
            List.of(call),
            result -> {
              task.release();
              answer(result);
            });
  }

  /** Serves the call that the registers of the event name; a tracer may have changed them. */
  void serveCall() {
    serveCall(false);
  }

  /** Serves the call after its filter has had the tracer asked about it. */
  private void serveAsked() {
    if ((int) originalCall < 0) {
      skipCall();
    } else {
      serveCall(true);
    }
  }

  private void serveCall(boolean asked) {
    Registers registers = task.thread().registers();
    int number = (int) originalCall;
    callNumber = number;
    callAddress = registers.get(Registers.RIP);
    begun = true;
    long[] restored = returning;
    returning = null;
    if (number == Syscall.RT_SIGRETURN) {
      if (restored == null) {
        // A tracer has made it one, of another call.
        answer(-Errno.ENOSYS);
        return;
      }
      registers.exchangeReturned();
      serve(number, restored, asked);
      return;
    }
    long[] arguments = {
      registers.get(Registers.RDI), registers.get(Registers.RSI), registers.get(Registers.RDX),
      registers.get(Registers.R10), registers.get(Registers.R8), registers.get(Registers.R9)
    };
    serve(number, arguments, asked);
  }

  /**
   * Ends the present system call with its result, one of {@link Results} or as the guest sees it.
   */
  void answer(long result) {
    GuestThread guest = task.thread();
    boolean restart = Results.isRestart(result);
    long visible = restart ? -Errno.EINTR : result;
    if (guest.inEvent()) {
      guest.registers().set(Registers.RAX, visible);
      settleMask(result, restart);
      leaveCall(restart ? result : 0);
      return;
    }
    if (restart || task.attention || task.signals.hasSavedMask) {
      if (settleMask(result, restart)) {
        interruption = restart ? result : 0;
        guest.poke();
      } else if (task.isDead()) {
        // The process is about to be killed: its thread must not run on until then.
        return;
      }
    }
    answered = visible;
    guest.answer(visible);
  }

  /** Ends a temporary mask unless a handler is to see it. Returns whether there is more to do. */
  private boolean settleMask(long result, boolean restart) {
    synchronized (task.kernel().tasks()) {
      boolean interrupted = restart || result == -Errno.EINTR;
      if (task.signals.hasSavedMask && !interrupted) {
        task.signals.restoreMask();
        Signals.recalculate(task);
      }
      return !task.dead && (interrupted || task.attention);
    }
  }

  /**
   * Leaves a call that was served in an event.
   *
   * @param restart its restart code, or 0
   */
  void leaveCall(long restart) {
    Trace present = task.trace();
    if (present != null) {
      Tracee.endCall(task, present, restart);
    } else {
      Delivery.leave(task, restart);
    }
  }

  /** Ends the event: the guest runs on. */
  void runGuest() {
    Trace present = task.trace();
    if (present != null) {
      Tracee.prepareRun(task, present);
    }
    task.thread().resume();
  }

  /** The thread is to ask for the time by system calls from the present one on, if need be. */
  void clocksChange() {
    clocksChanged = true;
    task.thread().poke();
  }

  void lookUp() {
    if (clocksChanged) {
      clocksChanged = false;
      VdsoClock.settle(task, this::lookUp);
      return;
    }
    if (recalled) {
      recalled = false;
      Tracee.beginCall(task);
      return;
    }
    Tracee.clearStep(task);
    long code = interruption;
    interruption = 0;
    Registers registers = task.thread().registers();
    boolean returned =
        registers.get(Registers.RIP) == callAddress && registers.get(Registers.RAX) == answered;
    originalCall = returned ? callNumber : -1;
    Delivery.leave(task, returned ? code : 0);
  }

  void frameLost() {
    originalCall = -1;
    Tracee.clearStep(task);
    SignalControl.frameLost(task);
  }

  void fault(int signal, int code, long address) {
    originalCall = -1;
    if (stepped && Tracee.endStep(task, signal, code)) {
      Delivery.leave(task, 0);
      return;
    }
    synchronized (task.kernel().tasks()) {
      Signals.force(task, SigInfo.fault(signal, code, address));
    }
    Delivery.leave(task, 0);
  }
}
