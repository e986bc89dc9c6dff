package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.platform.Registers;
import java.util.Arrays;

/**
 * The floating-point and vector registers of a stopped task as tracers see them: the area of the
 * XSAVE instruction (Intel SDM volume 1, 13.4), where a signal frame has a few fields of its own in
 * the part that the processor leaves to software.
 */
final class FloatingPointRegisters {
  private static final int MXCSR = 24;
  private static final int MXCSR_MASK = 28;
  private static final int SOFTWARE = 464;
  private static final int HEADER = Registers.FLOATING_POINT_MIN;
  private static final int HEADER_END = HEADER + 64;

  // struct _fpx_sw_bytes of a signal frame.
  private static final int MAGIC1 = 0x46505853;
  private static final int FEATURES = SOFTWARE + 8;
  private static final int SIZE = SOFTWARE + 16;

  /** Where components begin in the area, as long as all processors agree. */
  private static final int[][] COMPONENTS = {
    {2, 576, 832}, {5, 1088, 1152}, {6, 1152, 1664}, {7, 1664, 2688}
  };

  /** The x87 and the SSE state, which are in the first part. */
  private static final long LEGACY = 3;

  private static final int USUAL_MXCSR_MASK = 0xffff;

  private FloatingPointRegisters() {}

  /** Whether the state has more than the first part. */
  private static boolean isExtended(byte[] state) {
    if (state.length < HEADER_END) {
      return false;
    }
    StructReader in = new StructReader(state);
    int size = in.intAt(SIZE);
    return in.intAt(SOFTWARE) == MAGIC1 && size >= HEADER_END && size <= state.length;
  }

  /** The area; only its first part, if there is no more. */
  static byte[] state(Registers registers) {
    byte[] frame = registers.floatingPoint();
    if (!isExtended(frame)) {
      return first(frame);
    }
    StructReader in = new StructReader(frame);
    byte[] area = Arrays.copyOf(frame, in.intAt(SIZE) & -Long.BYTES);
    Arrays.fill(area, SOFTWARE, HEADER, (byte) 0);
    new StructWriter(area).putLong(SOFTWARE, in.longAt(FEATURES));
    long present = in.longAt(HEADER);
    // What is in its initial state is zero, whatever the memory holds.
    if ((present & ~LEGACY) == 0) {
      Arrays.fill(area, HEADER_END, area.length, (byte) 0);
    }
    for (int[] component : COMPONENTS) {
      if ((present & 1L << component[0]) == 0 && component[2] <= area.length) {
        Arrays.fill(area, component[1], component[2], (byte) 0);
      }
    }
    return area;
  }

  /** The first part alone: what the FXSAVE instruction stores. */
  static byte[] fxsave(Registers registers) {
    return first(registers.floatingPoint());
  }

  private static byte[] first(byte[] frame) {
    byte[] first = Arrays.copyOf(frame, Registers.FLOATING_POINT_MIN);
    Arrays.fill(first, SOFTWARE, HEADER, (byte) 0);
    return first;
  }

  private static boolean isGood(StructReader in, int mask) {
    return (in.intAt(MXCSR) & ~(mask == 0 ? USUAL_MXCSR_MASK : mask)) == 0;
  }

  /** Sets the first bytes of the first part. */
  static long setFxsave(Registers registers, byte[] given, int length) {
    byte[] frame = registers.floatingPoint();
    if (frame.length < Registers.FLOATING_POINT_MIN) {
      return -Errno.EIO;
    }
    int mask = new StructReader(frame).intAt(MXCSR_MASK);
    System.arraycopy(given, 0, frame, 0, Math.min(length, MXCSR_MASK));
    if (length > MXCSR_MASK + Integer.BYTES) {
      int from = MXCSR_MASK + Integer.BYTES;
      System.arraycopy(given, from, frame, from, Math.min(length, SOFTWARE) - from);
    }
    if (!isGood(new StructReader(frame), mask)) {
      return -Errno.EINVAL;
    }
    if (isExtended(frame)) {
      long present = new StructReader(frame).longAt(HEADER);
      new StructWriter(frame).putLong(HEADER, present | LEGACY);
    }
    registers.setFloatingPoint(frame);
    return 0;
  }

  /** Sets the whole area, which the host restores only if its header is right. */
  static long setXsave(Registers registers, byte[] given) {
    byte[] frame = registers.floatingPoint();
    if (!isExtended(frame)) {
      return -Errno.ENODEV;
    }
    StructReader in = new StructReader(frame);
    int size = in.intAt(SIZE) & -Long.BYTES;
    if (given.length != size) {
      return -Errno.EFAULT;
    }
    StructReader area = new StructReader(given);
    boolean clean = (area.longAt(HEADER) & ~in.longAt(FEATURES)) == 0;
    for (int at = HEADER + Long.BYTES; at < HEADER_END; at += Long.BYTES) {
      clean &= area.longAt(at) == 0;
    }
    if (!clean || !isGood(area, in.intAt(MXCSR_MASK))) {
      return -Errno.EINVAL;
    }
    System.arraycopy(given, 0, frame, 0, MXCSR_MASK);
    int from = MXCSR_MASK + Integer.BYTES;
    System.arraycopy(given, from, frame, from, SOFTWARE - from);
    System.arraycopy(given, HEADER, frame, HEADER, size - HEADER);
    registers.setFloatingPoint(frame);
    return 0;
  }
}
