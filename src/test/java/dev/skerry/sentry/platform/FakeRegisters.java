package dev.skerry.sentry.platform;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.usermem.UserMemory;

/** Registers with a small floating-point state. */
public final class FakeRegisters implements Registers {
  /** The size of the floating-point state. */
  public static final int FLOATING_POINT = 512;

  private final long[] values = new long[COUNT];
  byte[] floatingPoint = new byte[FLOATING_POINT];

  FakeRegisters copy() {
    FakeRegisters copy = new FakeRegisters();
    System.arraycopy(values, 0, copy.values, 0, COUNT);
    copy.floatingPoint = floatingPoint.clone();
    return copy;
  }

  @Override
  public long get(int register) {
    return values[register];
  }

  @Override
  public void set(int register, long value) {
    values[register] = value;
  }

  /** The first byte of the floating-point state. */
  public byte floatingPointMark() {
    return floatingPoint[0];
  }

  public void setFloatingPointMark(int mark) {
    floatingPoint[0] = (byte) mark;
  }

  @Override
  public int floatingPointSize() {
    return FLOATING_POINT;
  }

  @Override
  public long saveFloatingPoint(UserMemory memory, long address) {
    return Math.min(memory.copyOut(address, floatingPoint, 0, FLOATING_POINT), 0);
  }

  @Override
  public long restoreFloatingPoint(UserMemory memory, long address) {
    if (address == 0) {
      floatingPoint = new byte[FLOATING_POINT];
      return 0;
    }
    byte[] state = new byte[FLOATING_POINT];
    if (memory.copyIn(address, state, 0, FLOATING_POINT) < 0) {
      return -Errno.EFAULT;
    }
    floatingPoint = state;
    return 0;
  }
}
