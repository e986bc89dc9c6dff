package dev.skerry.sentry.platform;

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

  @Override
  public long fsBase() {
    return 0;
  }

  @Override
  public long gsBase() {
    return 0;
  }

  @Override
  public void setBases(long fs, long gs) {
    throw new UnsupportedOperationException("no segments here");
  }

  /** The first byte of the floating-point state. */
  public byte floatingPointMark() {
    return floatingPoint[0];
  }

  public void setFloatingPointMark(int mark) {
    floatingPoint[0] = (byte) mark;
  }

  @Override
  public byte[] floatingPoint() {
    return floatingPoint.clone();
  }

  @Override
  public void setFloatingPoint(byte[] state) {
    floatingPoint = state.clone();
  }

  @Override
  public void exchangeReturned() {
    throw new UnsupportedOperationException("no tracer here");
  }

  @Override
  public boolean resetFloatingPoint() {
    floatingPoint = new byte[FLOATING_POINT];
    return true;
  }
}
