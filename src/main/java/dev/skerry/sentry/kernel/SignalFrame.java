package dev.skerry.sentry.kernel;

import dev.skerry.sentry.platform.Registers;
import dev.skerry.sentry.usermem.UserMemory;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * The frame that a handler runs on and rt_sigreturn(2) undoes: struct rt_sigframe of x86-64, that
 * is the return address, struct ucontext and siginfo_t, with the floating-point state above.
 */
final class SignalFrame {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  // Offsets in the frame.
  private static final int CONTEXT = 8;
  private static final int STACK = CONTEXT + 16;
  private static final int MACHINE = CONTEXT + 40;
  private static final int FLOATING_POINT = MACHINE + Registers.COUNT * 8;
  private static final int MASK = MACHINE + 256;
  private static final int INFO = MASK + 8;
  private static final int SIZE = INFO + SigInfo.SIZE;

  /** UC_FP_XSTATE, UC_SIGCONTEXT_SS and UC_STRICT_RESTORE_SS (asm/ucontext.h). */
  private static final long CONTEXT_FLAGS = 7;

  /** What leaf functions may use below the stack pointer (System V ABI). */
  private static final int RED_ZONE = 128;

  private static final int FP_ALIGNMENT = 64;

  /** What alignment puts between the frame and the floating-point state. */
  private static final int MOST_PADDING = FP_ALIGNMENT + 16;

  // EFLAGS.
  private static final long TRAP = 0x100;
  private static final long DIRECTION = 0x400;
  private static final long RESUME = 0x10000;

  /** The flags that a program may set: AC, OF, DF, TF, SF, ZF, AF, PF, CF and RF (FIX_EFLAGS). */
  private static final long USER_FLAGS = 0x50dd5;

  private final UserMemory memory;
  private final Registers registers;

  SignalFrame(UserMemory memory, Registers registers) {
    this.memory = memory;
    this.registers = registers;
  }

  /** What a frame restores beside the registers. */
  record Restored(long mask, AlternateStack stack) {}

  /**
   * Makes a frame, and sets the registers for the handler.
   *
   * @param mask what the handler's return restores
   * @return false if there is no room for it: SIGSEGV
   */
  boolean push(SigInfo info, SignalAction action, long mask, AlternateStack stack) {
    long stackPointer = registers.get(Registers.RSP);
    if (!action.has(SignalAction.SA_RESTORER)) {
      return false;
    }
    boolean nested = stack.isEnabled() && stack.isInUse(stackPointer);
    boolean entering = action.has(SignalAction.SA_ONSTACK) && stack.isEnabled() && !nested;
    long top = entering ? stack.address() + stack.size() : stackPointer - RED_ZONE;
    byte[] floatingPoint = registers.floatingPoint();
    long state = (top - floatingPoint.length) & -FP_ALIGNMENT;
    long frame = ((state - SIZE) & -16) - 8;
    if ((entering || nested) && !stack.contains(frame)) {
      return false;
    }
    int stateAt = (int) (state - frame);
    byte[] bytes = new byte[stateAt + floatingPoint.length];
    fill(bytes, action, mask, stack, floatingPoint.length == 0 ? 0 : state);
    info.write(bytes, INFO);
    System.arraycopy(floatingPoint, 0, bytes, stateAt, floatingPoint.length);
    if (memory.copyOut(frame, bytes, 0, bytes.length) < 0) {
      return false;
    }
    registers.resetFloatingPoint();
    registers.set(Registers.RDI, info.signal());
    registers.set(Registers.RSI, frame + INFO);
    registers.set(Registers.RDX, frame + CONTEXT);
    registers.set(Registers.RAX, 0);
    registers.set(Registers.RSP, frame);
    registers.set(Registers.RIP, action.handler());
    long flags = registers.get(Registers.EFLAGS);
    registers.set(Registers.EFLAGS, flags & ~(TRAP | DIRECTION | RESUME));
    return true;
  }

  private void fill(
      byte[] bytes, SignalAction action, long mask, AlternateStack stack, long state) {
    LONG.set(bytes, 0, action.restorer());
    LONG.set(bytes, CONTEXT, CONTEXT_FLAGS);
    LONG.set(bytes, STACK, stack.address());
    INT.set(bytes, STACK + 8, stack.flags());
    LONG.set(bytes, STACK + 16, stack.size());
    for (int register = 0; register < Registers.COUNT; register++) {
      LONG.set(bytes, MACHINE + 8 * register, registers.get(register));
    }
    LONG.set(bytes, MACHINE + 8 * Registers.OLDMASK, mask);
    LONG.set(bytes, FLOATING_POINT, state);
    LONG.set(bytes, MASK, mask);
  }

  /**
   * Takes the registers back from the frame that the stack pointer stands above. The segment
   * registers stay: no others than the kernel's own are of use in 64-bit code.
   *
   * @return the mask and stack to restore, or null if the frame cannot be read: SIGSEGV
   */
  @Nullable Restored pop() {
    long frame = registers.get(Registers.RSP) - 8;
    byte[] bytes = new byte[SIZE + MOST_PADDING + registers.floatingPointRoom()];
    int length = memory.copyInPartly(frame, bytes, 0, bytes.length);
    if (length < INFO || !restoreFloatingPoint(frame, bytes, length)) {
      return null;
    }
    for (int register = 0; register < Registers.EFLAGS; register++) {
      registers.set(register, (long) LONG.get(bytes, MACHINE + 8 * register));
    }
    long flags = (long) LONG.get(bytes, MACHINE + 8 * Registers.EFLAGS);
    long kept = registers.get(Registers.EFLAGS) & ~USER_FLAGS;
    registers.set(Registers.EFLAGS, kept | (flags & USER_FLAGS));
    return new Restored(
        (long) LONG.get(bytes, MASK),
        new AlternateStack(
            (long) LONG.get(bytes, STACK),
            (int) INT.get(bytes, STACK + 8),
            (long) LONG.get(bytes, STACK + 16)));
  }

  /**
   * Takes the floating-point state from where the frame says.
   *
   * @param bytes what is known of the memory from the frame on
   * @return false if it cannot be read
   */
  private boolean restoreFloatingPoint(long frame, byte[] bytes, int length) {
    long state = (long) LONG.get(bytes, FLOATING_POINT);
    if (state == 0) {
      return registers.resetFloatingPoint();
    }
    int room = registers.floatingPointRoom();
    long at = state - frame;
    if (at >= 0 && at <= length - Registers.FLOATING_POINT_MIN) {
      int there = Math.min(length - (int) at, room);
      return setFloatingPoint(bytes, (int) at, there);
    }
    byte[] elsewhere = new byte[room];
    return setFloatingPoint(elsewhere, 0, memory.copyInPartly(state, elsewhere, 0, room));
  }

  private boolean setFloatingPoint(byte[] bytes, int offset, int length) {
    if (length < Registers.FLOATING_POINT_MIN) {
      return false;
    }
    registers.setFloatingPoint(bytes, offset, length);
    return true;
  }
}
