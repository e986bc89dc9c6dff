package dev.skerry.sentry.kernel;

import dev.skerry.sentry.platform.Registers;
import dev.skerry.sentry.usermem.UserMemory;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The frame that a handler runs on and the stub takes back at rt_sigreturn(2): struct rt_sigframe
 * of x86-64, that is the return address, struct ucontext and siginfo_t, with the floating-point
 * state above.
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

  // EFLAGS.
  private static final long TRAP = 0x100;
  private static final long DIRECTION = 0x400;
  private static final long RESUME = 0x10000;

  private final UserMemory memory;
  private final Registers registers;

  SignalFrame(UserMemory memory, Registers registers) {
    this.memory = memory;
    this.registers = registers;
  }

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
}
