package dev.skerry.sentry.platform;

import dev.skerry.abi.Signal;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.usermem.UserMemory;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The registers in a signal frame on a stub's alternate stack. The floating-point state, at the
 * frame's end, is read only when it is asked for, and all goes back at once: each transfer from or
 * to a guest costs 2 µs. Not thread-safe.
 */
final class NotifyRegisters implements Registers {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  /** Offset of uc_mcontext in struct ucontext. */
  private static final int MCONTEXT = 40;

  /** What every event reads: struct sigcontext, and the signal mask behind it. */
  private static final int HEAD = 256 + Long.BYTES;

  /** Where the floating-point state begins at the earliest: behind the siginfo. */
  private static final int FRAME_END = HEAD + 128;

  /** Offset in struct _fpstate of the software-reserved bytes: magic, then the size of it all. */
  private static final int SW_RESERVED = 464;

  private static final int FP_XSTATE_MAGIC1 = 0x46505853;

  /** Up to the end of the header that follows the fxsave part (Intel SDM volume 1, 13.4.2). */
  private static final int XSAVE_HEADER_END = FLOATING_POINT_MIN + 64;

  private static final int MXCSR = 24;

  private final UserMemory memory;
  private final long context;

  /** The frame from uc_mcontext on: {@link #HEAD} bytes, or all. */
  private byte[] bytes;

  private boolean dirty;

  /** Up to where the floating-point state has changed; 0 if it has not. */
  private int dirtyEnd;

  /** The bases of FS and GS, which no frame holds; null while they are not known. */
  private long @Nullable [] bases;

  private boolean basesDirty;

  /** What {@link #exchangeReturned} put aside; null before the first time. */
  private byte @Nullable [] returned;

  private NotifyRegisters(UserMemory memory, long context, byte[] bytes) {
    this.memory = memory;
    this.context = context;
    this.bytes = bytes;
  }

  /**
   * Reads the registers of the frame, or returns null if they cannot be read.
   *
   * @param whole with the floating-point state, as it will be needed
   */
  static @Nullable NotifyRegisters load(UserMemory memory, long context, boolean whole) {
    int length = whole ? frameSize(context) : HEAD;
    if (length < HEAD) {
      return null;
    }
    byte[] bytes = new byte[length];
    long result = memory.copyIn(context + MCONTEXT, bytes, 0, length);
    return result < 0 ? null : new NotifyRegisters(memory, context, bytes);
  }

  /**
   * Whether a handler of the thread's may start out of the event at once: the floating-point state
   * is then wanted too. No more than a guess is made of it.
   *
   * @param call the system call that led to SIGSYS, as the stub names it
   */
  static boolean mayNeedAll(int signal, long call) {
    boolean mayReachCaller =
        call == Syscall.KILL || call == Syscall.TGKILL || call == Syscall.TKILL;
    return signal == StubLayout.LOOK_UP_SIGNAL || (signal == Signal.SIGSYS && mayReachCaller);
  }

  /** The registers of the frame, which are read when they are first asked for. */
  static NotifyRegisters later(UserMemory memory, long context) {
    return new NotifyRegisters(memory, context, new byte[0]);
  }

  /** Of a guest that is gone all are zero: it will not see what becomes of them. */
  private void need() {
    if (bytes.length == 0) {
      bytes = new byte[HEAD];
      memory.copyIn(context + MCONTEXT, bytes, 0, HEAD);
    }
  }

  /** From uc_mcontext to the end of the slot, where the host put the frame. */
  private static int frameSize(long context) {
    return StubLayout.SLOT_SIZE - (int) (context + MCONTEXT & (StubLayout.SLOT_SIZE - 1));
  }

  /** The same, to change without this one. */
  NotifyRegisters copy() {
    NotifyRegisters other = new NotifyRegisters(memory, context, Arrays.copyOf(bytes, HEAD));
    other.bases = bases;
    return other;
  }

  /**
   * The registers of a child as its stub has put them into its frame, a copy of this one, {@code
   * delta} bytes further on.
   *
   * @param stack the stack pointer, or 0 for the same
   */
  NotifyRegisters ofChild(UserMemory childMemory, long delta, long stack) {
    NotifyRegisters child =
        new NotifyRegisters(childMemory, context + delta, Arrays.copyOf(bytes, HEAD));
    long state = floatingPointAddress();
    LONG.set(child.bytes, COUNT * Long.BYTES, state == 0 ? 0 : state + delta);
    LONG.set(child.bytes, RAX * Long.BYTES, 0L);
    if (stack != 0) {
      LONG.set(child.bytes, RSP * Long.BYTES, stack);
    }
    return child;
  }

  long context() {
    return context;
  }

  /** Writes what was changed back to the frame. */
  long store() {
    if (!dirty && dirtyEnd == 0) {
      return 0;
    }
    int length = dirtyEnd == 0 ? COUNT * Long.BYTES : dirtyEnd;
    dirty = false;
    dirtyEnd = 0;
    return memory.copyOut(context + MCONTEXT, bytes, 0, length);
  }

  /** The state of a new program: every general register zero, the flags at their start. */
  void clear() {
    for (int register = R8; register <= RIP; register++) {
      set(register, 0);
    }
    set(EFLAGS, 0x202);
  }

  @Override
  public long get(int register) {
    need();
    return (long) LONG.get(bytes, register * Long.BYTES);
  }

  @Override
  public void set(int register, long value) {
    need();
    LONG.set(bytes, register * Long.BYTES, value);
    dirty = true;
  }

  boolean hasBases() {
    return bases != null;
  }

  void basesRead(long fs, long gs) {
    bases = new long[] {fs, gs};
    basesDirty = false;
  }

  /** A host call may change them. */
  void forgetBases() {
    bases = null;
    basesDirty = false;
  }

  /** Whether the bases have still to be set in the thread; not any more then. */
  boolean takeDirtyBases() {
    boolean dirtyBefore = basesDirty;
    basesDirty = false;
    return dirtyBefore;
  }

  private long base(int index) {
    long[] known = bases;
    if (known == null) {
      throw new IllegalStateException("the bases of FS and GS were not read");
    }
    return known[index];
  }

  @Override
  public long fsBase() {
    return base(0);
  }

  @Override
  public long gsBase() {
    return base(1);
  }

  @Override
  public void setBases(long fs, long gs) {
    if (fs != fsBase() || gs != gsBase()) {
      bases = new long[] {fs, gs};
      basesDirty = true;
    }
  }

  private long floatingPointAddress() {
    return get(COUNT);
  }

  /** Where in the frame the floating-point state begins; -1 if it is not there. */
  private int floatingPointStart() {
    long start = floatingPointAddress() - (context + MCONTEXT);
    return start < FRAME_END || start > frameSize(context) - FLOATING_POINT_MIN ? -1 : (int) start;
  }

  /** Returns false if the frame cannot be read. */
  private boolean loadWhole() {
    int size = frameSize(context);
    if (bytes.length == size) {
      return true;
    }
    byte[] whole = Arrays.copyOf(bytes, size);
    if (memory.copyIn(context + MCONTEXT + HEAD, whole, HEAD, size - HEAD) < 0) {
      return false;
    }
    bytes = whole;
    return true;
  }

  @Override
  public byte[] floatingPoint() {
    int start = floatingPointStart();
    if (start < 0 || !loadWhole()) {
      return new byte[0];
    }
    return Arrays.copyOfRange(bytes, start, start + floatingPointSize(start));
  }

  private int floatingPointSize(int start) {
    if ((int) INT.get(bytes, start + SW_RESERVED) != FP_XSTATE_MAGIC1) {
      return FLOATING_POINT_MIN;
    }
    int size = (int) INT.get(bytes, start + SW_RESERVED + Integer.BYTES);
    return size < XSAVE_HEADER_END || size > bytes.length - start ? FLOATING_POINT_MIN : size;
  }

  @Override
  public void setFloatingPoint(byte[] state) {
    int start = floatingPointStart();
    if (start < 0 || state.length > frameSize(context) - start || !loadWhole()) {
      return;
    }
    System.arraycopy(state, 0, bytes, start, state.length);
    dirtyEnd = Math.max(dirtyEnd, start + state.length);
  }

  @Override
  public void exchangeReturned() {
    need();
    byte[] other = returned;
    if (other == null) {
      other = new byte[(EFLAGS + 1) * Long.BYTES];
      long slot = context & -StubLayout.SLOT_SIZE;
      memory.copyIn(slot + StubLayout.BEFORE_RETURN, other, 0, other.length);
    }
    returned = Arrays.copyOf(bytes, other.length);
    System.arraycopy(other, 0, bytes, 0, other.length);
    dirty = true;
  }

  /**
   * FNINIT's control word, the MXCSR of a new task, and an empty XSTATE_BV: every other component
   * in its initial configuration (Intel SDM volume 1, 13.6).
   */
  @Override
  public boolean resetFloatingPoint() {
    int start = floatingPointStart();
    if (start < 0 || !loadWhole()) {
      return false;
    }
    int end = start + Math.min(floatingPointSize(start), XSAVE_HEADER_END);
    Arrays.fill(bytes, start, start + SW_RESERVED, (byte) 0);
    Arrays.fill(bytes, start + FLOATING_POINT_MIN, end, (byte) 0);
    INT.set(bytes, start, 0x37f);
    INT.set(bytes, start + MXCSR, 0x1f80);
    dirtyEnd = Math.max(dirtyEnd, end);
    return true;
  }
}
