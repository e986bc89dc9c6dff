package dev.skerry.sentry.platform;

import dev.skerry.sentry.usermem.UserMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A guest thread played by a test. A poke is held back while an entry is served, as the host does,
 * and then leads to a look-up at once; one that comes while guest code runs waits for {@link
 * #settle}.
 */
public final class FakeGuestThread implements GuestThread {
  /** How an entry ended. */
  public enum Fate {
    RUNNING,
    IN_CALL,
    IN_EVENT,
    EXITED,
    KILLED
  }

  private static final long CODE = 0x400000;

  // Offsets in struct ucontext.
  private static final int STACK = 16;
  private static final int MACHINE = 40;
  private static final int MASK = MACHINE + 256;
  private static final int FRAME_SIZE = MASK + 8;

  private final FakeMemory memory;
  private final FakeRegisters registers;
  private final List<FakeGuestThread> children = new ArrayList<>();
  private Program program;
  private Fate fate = Fate.RUNNING;
  private int hostTid = 1;
  private boolean poked;
  private boolean continued;
  private long result;
  private long cloneResult;

  private FakeGuestThread(FakeMemory memory, FakeRegisters registers) {
    this.memory = memory;
    this.registers = registers;
  }

  /** A thread with its stack at the end of the memory. */
  public static FakeGuestThread create() {
    FakeRegisters registers = new FakeRegisters();
    registers.set(Registers.RSP, FakeMemory.BASE + FakeMemory.SIZE - 0x1000);
    registers.set(Registers.RIP, CODE);
    return new FakeGuestThread(new FakeMemory(), registers);
  }

  public void setProgram(Program newProgram) {
    program = newProgram;
  }

  public Fate fate() {
    return fate;
  }

  /** RAX as guest code sees it. */
  public long result() {
    return result;
  }

  /** Whether the last call was run by the host. */
  public boolean wasContinued() {
    return continued;
  }

  /** Lets the thread pass for one of the host's, about which the host can be asked. */
  public void setHostTid(int tid) {
    hostTid = tid;
  }

  /** What the host answers to the next clones: 0, or an error. */
  public void setCloneResult(long value) {
    cloneResult = value;
  }

  public List<FakeGuestThread> children() {
    return children;
  }

  /** Guest code makes a plain system call. */
  public void call(int number, long... arguments) {
    expect(Fate.RUNNING);
    fate = Fate.IN_CALL;
    continued = false;
    long instruction = registers.get(Registers.RIP) + 2;
    registers.set(Registers.RIP, instruction);
    program.systemCall(number, pad(arguments), instruction);
  }

  /** Guest code makes a system call that brings its registers along. */
  public void callInEvent(int number, long... arguments) {
    expect(Fate.RUNNING);
    fate = Fate.IN_EVENT;
    registers.set(Registers.RAX, number);
    registers.set(Registers.RIP, registers.get(Registers.RIP) + 2);
    program.systemCall(number, pad(arguments), registers.get(Registers.RIP));
  }

  /**
   * A signal handler returns to the restorer: the stub takes the registers back from struct
   * ucontext, above which the stack pointer is then, and tells the rest.
   */
  public void returnFromHandler(int number) {
    long context = registers.get(Registers.RSP) + 8;
    byte[] frame = new byte[FRAME_SIZE];
    if (memory.copyIn(context, frame, 0, frame.length) < 0) {
      throw new IllegalStateException("no frame");
    }
    ByteBuffer fields = ByteBuffer.wrap(frame).order(ByteOrder.LITTLE_ENDIAN);
    for (int register = 0; register <= Registers.EFLAGS; register++) {
      registers.set(register, fields.getLong(MACHINE + register * Long.BYTES));
    }
    long state = fields.getLong(MACHINE + Registers.COUNT * Long.BYTES);
    memory.copyIn(state, registers.floatingPoint, 0, registers.floatingPoint.length);
    expect(Fate.RUNNING);
    fate = Fate.IN_EVENT;
    long[] restored = {
      fields.getLong(MASK),
      fields.getLong(STACK),
      fields.getLong(STACK + 8),
      fields.getLong(STACK + 16)
    };
    program.systemCall(number, pad(restored), 0);
  }

  /** Guest code faults. */
  public void fault(int signal, int code, long address) {
    expect(Fate.RUNNING);
    fate = Fate.IN_EVENT;
    program.fault(signal, code, address);
  }

  /** The thread's first entry. */
  public void begin() {
    fate = Fate.IN_EVENT;
    program.started();
  }

  /** Lets a poke that came while guest code ran take effect. */
  public void settle() {
    if (fate == Fate.RUNNING && poked) {
      poked = false;
      fate = Fate.IN_EVENT;
      program.lookUp();
    }
  }

  private static long[] pad(long[] arguments) {
    return Arrays.copyOf(arguments, 6);
  }

  private void expect(Fate expected) {
    if (fate != expected) {
      throw new IllegalStateException("the thread is " + fate);
    }
  }

  private void goOn() {
    fate = Fate.RUNNING;
    result = registers.get(Registers.RAX);
    if (poked) {
      poked = false;
      fate = Fate.IN_EVENT;
      program.lookUp();
    }
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
    return fate == Fate.IN_EVENT;
  }

  @Override
  public FakeRegisters registers() {
    return registers;
  }

  @Override
  public void answer(long value) {
    if (fate == Fate.KILLED) {
      return;
    }
    registers.set(Registers.RAX, value);
    goOn();
  }

  @Override
  public void continueCall() {
    continued = true;
    goOn();
  }

  @Override
  public long continueMap(int hostFd, int guestFd) {
    continueCall();
    return 0;
  }

  @Override
  public void openToInspection(Runnable done) {
    done.run();
  }

  @Override
  public void resume() {
    expect(Fate.IN_EVENT);
    goOn();
  }

  @Override
  public void poke() {
    poked = true;
  }

  @Override
  public void cloneThread(CloneRequest request, ChildFactory child, Completion done) {
    if (cloneResult < 0) {
      done.done(cloneResult);
      return;
    }
    FakeRegisters copy = registers.copy();
    copy.set(Registers.RAX, 0);
    if (request.stack() != 0) {
      copy.set(Registers.RSP, request.stack());
    }
    FakeMemory childs = request.sharesMemory() ? memory : new FakeMemory();
    FakeGuestThread thread = new FakeGuestThread(childs, copy);
    thread.program = child.program(thread);
    children.add(thread);
    thread.begin();
    done.done(0);
  }

  @Override
  public void nextProgram(int hostFd) {}

  @Override
  public void execute() {
    program.executed();
  }

  @Override
  public void hostCalls(List<HostCall> calls, Completion done) {
    throw new UnsupportedOperationException("no host here");
  }

  @Override
  public long initialStack() {
    return 0;
  }

  @Override
  public void growStack(long address, Completion done) {
    done.done(0);
  }

  @Override
  public void runOn(long processors) {}

  @Override
  public void limitStack(long bytes) {}

  @Override
  public void exitThread() {
    fate = Fate.EXITED;
  }

  @Override
  public void killProcess() {
    fate = Fate.KILLED;
  }

  @Override
  public void endProcess() {
    fate = Fate.KILLED;
  }
}
