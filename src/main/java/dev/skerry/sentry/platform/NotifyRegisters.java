package dev.skerry.sentry.platform;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.usermem.UserMemory;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/** The registers in a signal frame on a stub's alternate stack. Not thread-safe. */
final class NotifyRegisters implements Registers {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  /** Offset of uc_mcontext in struct ucontext. */
  private static final int MCONTEXT = 40;

  /** Offset in struct _fpstate of the software-reserved bytes: magic, then the size of it all. */
  private static final int SW_RESERVED = 464;

  private static final int FP_XSTATE_MAGIC1 = 0x46505853;
  private static final int FXSAVE_SIZE = 512;
  private static final int MOST_FP_BYTES = StubLayout.SLOT_SIZE;

  private final UserMemory memory;
  private final byte[] bytes = new byte[(COUNT + 1) * Long.BYTES];
  private final long context;
  private boolean dirty;

  private NotifyRegisters(UserMemory memory, long context) {
    this.memory = memory;
    this.context = context;
  }

  /** Reads the registers of the frame, or returns null if they cannot be read. */
  static @Nullable NotifyRegisters load(UserMemory memory, long context) {
    NotifyRegisters registers = new NotifyRegisters(memory, context);
    long result = memory.copyIn(context + MCONTEXT, registers.bytes, 0, registers.bytes.length);
    return result < 0 ? null : registers;
  }

  /** The registers of a child whose frame is a copy of this one, {@code delta} bytes further on. */
  NotifyRegisters copy(UserMemory childMemory, long delta) {
    NotifyRegisters child = new NotifyRegisters(childMemory, context + delta);
    System.arraycopy(bytes, 0, child.bytes, 0, bytes.length);
    long state = floatingPointAddress();
    LONG.set(child.bytes, COUNT * Long.BYTES, state == 0 ? 0 : state + delta);
    child.dirty = true;
    return child;
  }

  long context() {
    return context;
  }

  /** Writes what was changed back to the frame. */
  long store() {
    if (!dirty) {
      return 0;
    }
    dirty = false;
    return memory.copyOut(context + MCONTEXT, bytes, 0, COUNT * Long.BYTES);
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
    return (long) LONG.get(bytes, register * Long.BYTES);
  }

  @Override
  public void set(int register, long value) {
    LONG.set(bytes, register * Long.BYTES, value);
    dirty = true;
  }

  private long floatingPointAddress() {
    return get(COUNT);
  }

  @Override
  public int floatingPointSize() {
    byte[] extent = new byte[2 * Integer.BYTES];
    long address = floatingPointAddress();
    if (address == 0 || memory.copyIn(address + SW_RESERVED, extent, 0, extent.length) < 0) {
      return 0;
    }
    if ((int) INT.get(extent, 0) != FP_XSTATE_MAGIC1) {
      return FXSAVE_SIZE;
    }
    int size = (int) INT.get(extent, Integer.BYTES);
    return size < FXSAVE_SIZE || size > MOST_FP_BYTES ? FXSAVE_SIZE : size;
  }

  @Override
  public long saveFloatingPoint(UserMemory target, long address) {
    byte[] state = new byte[floatingPointSize()];
    if (memory.copyIn(floatingPointAddress(), state, 0, state.length) < 0) {
      return -Errno.EFAULT;
    }
    long result = target.copyOut(address, state, 0, state.length);
    return result < 0 ? result : 0;
  }

  @Override
  public long restoreFloatingPoint(UserMemory source, long address) {
    int size = floatingPointSize();
    byte[] state = new byte[size];
    if (address != 0) {
      if (source.copyIn(address, state, 0, size) < 0) {
        return -Errno.EFAULT;
      }
    } else if (!initialState(state)) {
      return -Errno.EFAULT;
    }
    long result = memory.copyOut(floatingPointAddress(), state, 0, size);
    return result < 0 ? result : 0;
  }

  /**
   * FNINIT's control word, the MXCSR of a new task, and an empty XSTATE_BV: every other component in
   * its initial configuration (Intel SDM volume 1, 13.6).
   */
  private boolean initialState(byte[] state) {
    if (memory.copyIn(
            floatingPointAddress() + SW_RESERVED, state, SW_RESERVED, FXSAVE_SIZE - SW_RESERVED)
        < 0) {
      return false;
    }
    int magic2 = state.length - Integer.BYTES;
    if (state.length > FXSAVE_SIZE
        && memory.copyIn(floatingPointAddress() + magic2, state, magic2, Integer.BYTES) < 0) {
      return false;
    }
    INT.set(state, 0, 0x37f);
    INT.set(state, 24, 0x1f80);
    return true;
  }
}
