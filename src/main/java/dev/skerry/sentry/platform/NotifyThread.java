package dev.skerry.sentry.platform;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Signal;
import dev.skerry.abi.Syscall;
import dev.skerry.hostos.Host;
import dev.skerry.hostos.HostOs;
import dev.skerry.sentry.usermem.UserMemory;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A guest thread of the notify platform. Between two entries nobody but {@link #poke} and {@link
 * #killProcess} touches it; during an entry one thread at a time does, handed over by the kernel's
 * own synchronisation.
 */
final class NotifyThread implements GuestThread {
  private enum State {
    /** Executing the stub for the first time, before any guest code. */
    STARTING,
    RUNNING,
    DEAD
  }

  private static final int CONTINUE_FLAG = 1;
  private static final int AT_EMPTY_PATH = 0x1000;

  /**
   * Where the stub appears in a guest while its execve runs: the lowest number. Nothing but an
   * execve makes the host close it, so if it is free afterwards there was one.
   */
  private static final int STUB_FD = PROGRAM_FD;

  private final NotifyPlatform platform;
  private final HostOs host = Host.os();
  private final int listener;
  private final GuestMemory memory;
  private final AtomicBoolean poked = new AtomicBoolean();
  private volatile int hostTid;
  private volatile int hostTgid;
  private volatile State state;
  private volatile AddressSpace.Slot slot;

  /** The slot in the address space that an execve is about to leave. */
  private AddressSpace.@Nullable Slot left;

  private @Nullable Program program;
  private long notification;

  /** Whether an entry is being served, or waits. */
  private volatile boolean inside;

  private @Nullable NotifyRegisters registers;
  private HostCalls expected = HostCalls.NONE;
  private @Nullable Completion completion;
  private long initialStack;
  private int programFile = -1;

  /** It was sent on with the order for a clone, and has not come back yet. */
  private volatile boolean goingOn;

  /** Whether its mailbox has what the host answered to its last clone. */
  private volatile boolean hasAnswer;

  private NotifyThread(
      NotifyPlatform platform, int hostTid, int hostTgid, AddressSpace.Slot slot, State state) {
    this.platform = platform;
    this.listener = platform.listenerFd();
    this.hostTid = hostTid;
    this.hostTgid = hostTgid;
    this.slot = slot;
    this.state = state;
    this.memory = new GuestMemory(hostTid);
  }

  /** The first thread of the sandbox, about to execute the stub. */
  static NotifyThread first(NotifyPlatform platform, int hostTid) {
    AddressSpace.Slot slot = new AddressSpace().take(0);
    return new NotifyThread(platform, hostTid, hostTid, slot, State.STARTING);
  }

  /** A thread that this one has made. */
  NotifyThread child(int childTid, int childTgid, AddressSpace.Slot childSlot) {
    return new NotifyThread(platform, childTid, childTgid, childSlot, State.RUNNING);
  }

  void setProgram(Program program) {
    this.program = program;
  }

  Program program() {
    Program present = program;
    if (present == null) {
      throw new IllegalStateException("thread " + hostTid + " has no program");
    }
    return present;
  }

  int hostTgid() {
    return hostTgid;
  }

  boolean isDead() {
    return state == State.DEAD;
  }

  /** Serves one notification of this thread. */
  void notified(long id, int number, long instructionPointer, long[] arguments) {
    boolean fromStub = StubLayout.inText(instructionPointer);
    if (state == State.STARTING) {
      if (isForerunner()) {
        return;
      }
      if (!fromStub) {
        violation(Syscall.name(number) + " instead of execve");
        return;
      }
    }
    entered(id);
    if (fromStub) {
      stubCall(number, arguments);
    } else {
      comeBack();
      program().systemCall(number, arguments, instructionPointer);
    }
  }

  /** It has gone on with the order for a clone, which must have been made. */
  private void comeBack() {
    if (goingOn) {
      goingOn = false;
      if (expected.isSpent()) {
        completion = null;
        registers = null;
      }
    }
  }

  private void entered(long id) {
    notification = id;
    inside = true;
  }

  /** Whether it runs no guest code at present. */
  boolean isInside() {
    return inside;
  }

  private void reply(int flags, int error, long value) {
    inside = false;
    host.notifySend(listener, notification, flags, error, value);
  }

  /**
   * Whether it may have been another thread that called, since the host ends the others, and gives
   * this one the first one's id, only in the middle of its execve.
   */
  private boolean isForerunner() {
    return expected.isSpent() && hostTid != hostTgid && HostWitness.isThreadOf(hostTgid, hostTid);
  }

  private void stubCall(int number, long[] arguments) {
    if (number == StubLayout.HYPERCALL) {
      switch ((int) arguments[0]) {
        case StubLayout.HYPER_EVENT -> event(arguments);
        case StubLayout.HYPER_RETURN -> returned(arguments);
        case StubLayout.HYPER_DONE -> done(arguments[1]);
        default -> violation("hypercall " + arguments[0]);
      }
      return;
    }
    HostCall call = expected.pass(number, arguments);
    if (call != null) {
      let(call);
    } else {
      violation(Syscall.name(number) + " from inside the stub");
    }
  }

  /** The stub makes the call that was asked for. */
  private void let(HostCall call) {
    if (call.hostFd() >= 0 && install(call.hostFd(), call.guestFd()) < 0) {
      if (state == State.STARTING) {
        // The stub's number may be free without an execve.
        executeFailed(-Errno.EMFILE);
      } else {
        reply(0, -Errno.EMFILE, 0);
      }
      return;
    }
    if (call.number() == Syscall.EXIT) {
      leave();
      return;
    }
    if (state == State.STARTING) {
      platform.leads(this);
    }
    continueCall();
  }

  /** Puts a file into the guest, unless an execve of another thread's ends this one. */
  private int install(int hostFd, int guestFd) {
    synchronized (slot.space()) {
      return isDead() ? -Errno.ESRCH : host.notifyAddFd(listener, notification, hostFd, guestFd);
    }
  }

  private void violation(String attempt) {
    platform.violation(this, attempt);
  }

  private void event(long[] arguments) {
    int signal = (int) arguments[1];
    long info = arguments[2];
    long context = arguments[3];
    comeBack();
    if (state != State.STARTING ? completion != null : !expected.isSpent()) {
      violation("signal in the middle of an order");
      return;
    }
    boolean whole = NotifyRegisters.mayNeedAll(signal, arguments[4]);
    NotifyRegisters loaded =
        slot.contains(context) ? NotifyRegisters.load(memory, context, whole) : null;
    if (loaded == null) {
      violation("signal frame outside the thread's slot");
      return;
    }
    registers = loaded;
    switch (signal) {
      case Signal.SIGSYS -> trappedCall(loaded);
      case StubLayout.LOOK_UP_SIGNAL -> {
        poked.set(false);
        if (state == State.STARTING) {
          resume();
        } else {
          program().lookUp();
        }
      }
      case Signal.SIGILL, Signal.SIGSEGV, Signal.SIGBUS, Signal.SIGFPE, Signal.SIGTRAP -> {
        if (state == State.STARTING) {
          executed(signal, loaded);
        } else if (StubLayout.inText(loaded.get(Registers.RIP))) {
          // Where it takes a handler's frame back.
          program().frameLost();
        } else {
          fault(signal, info);
        }
      }
      default -> violation("event for signal " + signal);
    }
  }

  /** A handler has returned; the stub has put the registers back. */
  private void returned(long[] arguments) {
    long context = arguments[5];
    comeBack();
    if (state != State.RUNNING || completion != null || !slot.contains(context)) {
      violation("a return from no handler");
      return;
    }
    registers = NotifyRegisters.later(memory, context);
    long[] restored = Arrays.copyOf(Arrays.copyOfRange(arguments, 1, 5), arguments.length);
    program().systemCall(Syscall.RT_SIGRETURN, restored, 0);
  }

  /** The stub has begun in the new address space, and says so by an illegal instruction. */
  private void executed(int signal, NotifyRegisters loaded) {
    // A guest's word, but the host puts the file where the stub was only after an execve.
    int at = host.notifyAddFd(listener, notification, programFile, -1);
    if (signal != Signal.SIGILL || at > STUB_FD) {
      violation("a program without an execve");
      return;
    }
    if (at < 0) {
      // It may have been killed meanwhile.
      executeFailed(at);
      return;
    }
    platform.executed(this);
    hostTid = hostTgid;
    completion = null;
    if (left != null) {
      left.free();
      left = null;
    }
    state = State.RUNNING;
    initialStack = loaded.get(Registers.RDI);
    loaded.clear();
    program().executed();
  }

  private void fault(int signal, long info) {
    HostFault fault = HostFault.read(memory, info);
    if (fault == null) {
      violation("fault without its siginfo");
      return;
    }
    program().fault(signal, fault.code(), fault.address());
  }

  private void trappedCall(NotifyRegisters at) {
    long[] arguments = {
      at.get(Registers.RDI), at.get(Registers.RSI), at.get(Registers.RDX),
      at.get(Registers.R10), at.get(Registers.R8), at.get(Registers.R9)
    };
    program().systemCall((int) at.get(Registers.RAX), arguments, at.get(Registers.RIP));
  }

  private void done(long result) {
    Completion done = completion;
    if (done == null || !expected.mayEnd(result)) {
      violation("hypercall without an order");
      return;
    }
    completion = null;
    expected = HostCalls.NONE;
    goingOn = false;
    done.done(result);
  }

  @Override
  public int hostTid() {
    return hostTid;
  }

  @Override
  public UserMemory memory() {
    return memory;
  }

  @Override
  public boolean inEvent() {
    return registers != null;
  }

  @Override
  public Registers registers() {
    NotifyRegisters present = registers;
    if (present == null) {
      throw new IllegalStateException("no registers outside an event");
    }
    return present;
  }

  @Override
  public void answer(long result) {
    if (registers != null) {
      registers.set(Registers.RAX, result);
      resume();
      return;
    }
    if (result < 0 && result > -4096) {
      reply(0, (int) result, 0);
    } else {
      reply(0, 0, result);
    }
  }

  @Override
  public void continueCall() {
    reply(CONTINUE_FLAG, 0, 0);
  }

  @Override
  public long continueMap(int hostFd, int guestFd) {
    int result = install(hostFd, guestFd);
    if (result < 0) {
      return result;
    }
    continueCall();
    return 0;
  }

  @Override
  public void openToInspection(Runnable done) {
    NotifyRegisters present = (NotifyRegisters) registers();
    if (present.hasBases()) {
      done.run();
      return;
    }
    hostCalls(
        SegmentBases.reading(slot),
        result -> {
          SegmentBases.read(memory, slot, present);
          done.run();
        });
  }

  @Override
  public void resume() {
    NotifyRegisters present = registers;
    if (present != null && present.takeDirtyBases()) {
      HostCalls calls = new HostCalls(SegmentBases.setting(present));
      make(calls, result -> resume());
      return;
    }
    registers = null;
    if (present != null) {
      present.store();
    }
    reply(0, 0, StubLayout.ORDER_RESUME);
  }

  @Override
  public void poke() {
    // While it starts there is no handler yet, and nothing to interrupt.
    if (state == State.RUNNING && poked.compareAndSet(false, true)) {
      host.tgkill(hostTgid, hostTid, StubLayout.LOOK_UP_SIGNAL);
    }
  }

  @Override
  public void hostCalls(List<HostCall> calls, Completion done) {
    if (registers != null && calls.getFirst().number() == Syscall.ARCH_PRCTL) {
      registers.forgetBases();
    }
    make(new HostCalls(calls), done);
  }

  @Override
  public long initialStack() {
    return initialStack;
  }

  @Override
  public void growStack(long address, Completion done) {
    completion = done;
    if (writeMailbox(new HostCalls(List.of(HostCall.of(0, address))), HostCalls.Child.NONE)) {
      reply(0, 0, StubLayout.ORDER_TOUCH);
    }
  }

  private void make(HostCalls calls, Completion done) {
    expected = calls;
    completion = done;
    if (writeMailbox(calls, HostCalls.Child.NONE)) {
      reply(0, 0, StubLayout.ORDER_CALL);
    }
  }

  /** Returns false if the guest is gone, and with it all further entries. */
  private boolean writeMailbox(HostCalls calls, HostCalls.Child child) {
    if (hasAnswer) {
      platform.clones().nameChild(this);
      hasAnswer = false;
    }
    byte[] box = calls.mailbox(child);
    return memory.copyOut(slot.address(), box, 0, box.length) >= 0;
  }

  @Override
  public void cloneThread(CloneRequest request, ChildFactory factory, Completion done) {
    AddressSpace.Slot childSlot =
        request.sharesMemory() ? slot.space().allocate() : new AddressSpace().take(slot.number());
    if (childSlot == null) {
      done.done(-Errno.EAGAIN);
      return;
    }
    NotifyRegisters own = (NotifyRegisters) registers();
    own.store();
    long delta = childSlot.address() - slot.address();
    // The parent may be answered first, and run on into a signal's handler.
    NotifyRegisters before = own.copy();
    platform
        .clones()
        .begin(new PendingClone(this, before, request, childSlot, delta, factory, done));
  }

  /** Lets the stub make the clone, whose turn it is. */
  void makeClone(PendingClone clone) {
    expected = new HostCalls(List.of(clone.call()));
    completion = result -> platform.clones().parentDone(clone, result);
    hasAnswer = false;
    if (writeMailbox(expected, clone.childInMailbox())) {
      goingOn = clone.parentGoesOn();
      hasAnswer = goingOn;
      reply(0, 0, StubLayout.ORDER_CLONE);
    }
  }

  /** Whether it may still be on its way out of the order for a clone. */
  boolean isGoingOn() {
    return goingOn;
  }

  /** What the host answered to the clone that it went on with, it says. */
  long hostAnswer() {
    return slot.answer(memory);
  }

  void adoptRegisters(NotifyRegisters parent, long delta, long stack) {
    registers = parent.ofChild(memory, delta, stack);
  }

  /** Serves the first notification of a child. */
  void begin(long id) {
    entered(id);
    program().started();
  }

  /** Lets the first thread's execve of the stub, which the launcher began, go on. */
  void continueFirstExecute(long id) {
    entered(id);
    continueCall();
  }

  @Override
  public void nextProgram(int hostFd) {
    programFile = hostFd;
  }

  @Override
  public void execute() {
    registers = null;
    long zero = StubLayout.ZERO;
    HostCall call =
        HostCall.withFile(
            platform.stubFd(), STUB_FD, Syscall.EXECVEAT, STUB_FD, zero, zero, zero, AT_EMPTY_PATH);
    expected = new HostCalls(List.of(call));
    completion = this::executeFailed;
    if (!writeMailbox(expected, HostCalls.Child.NONE)) {
      return;
    }
    // The other threads end with the host's execve, and this one takes over the first one's id.
    state = State.STARTING;
    synchronized (slot.space()) {
      platform.executing(this);
    }
    platform.endClones(this);
    left = slot;
    slot = new AddressSpace().take(0);
    memory.setHostTid(hostTgid);
    reply(0, 0, StubLayout.ORDER_CALL);
  }

  private void executeFailed(long result) {
    killProcess();
    program().gone();
  }

  @Override
  public void runOn(long processors) {
    host.setAffinity(hostTid, processors);
  }

  @Override
  public void limitStack(long bytes) {
    host.setStackLimit(hostTgid, bytes);
  }

  @Override
  public void exitThread() {
    if (registers == null) {
      // In exit(2) itself, which the host may just as well run.
      leave();
      return;
    }
    registers = null;
    hostCalls(List.of(HostCall.of(Syscall.EXIT)), result -> violation("exit returned " + result));
  }

  private void leave() {
    platform.forget(this);
    state = State.DEAD;
    continueCall();
    slot.free();
  }

  @Override
  public void killProcess() {
    platform.forgetProcess(hostTgid);
    host.kill(hostTgid, Signal.SIGKILL);
  }

  @Override
  public void endProcess() {
    // It has said its last word, so nobody needs to know it any more.
    platform.forget(this);
    state = State.DEAD;
    platform.clones().parentGone(this);
    ended();
    host.kill(hostTgid, Signal.SIGKILL);
  }

  void markDead() {
    state = State.DEAD;
  }

  /** The host has ended it: its slot is free, if others share the address space. */
  void ended() {
    slot.free();
    AddressSpace.Slot before = left;
    if (before != null) {
      before.free();
    }
  }
}
