package dev.skerry.sentry.kernel;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The clocks that a program reads without a system call, in the host's vDSO (vdso(7)): they are the
 * host's. Where they differ from the guest's, the function is replaced with the system call.
 */
final class VdsoClock {
  private static final int AT_SYSINFO_EHDR = 33;
  private static final byte[] NAME = "__vdso_clock_gettime\0".getBytes(StandardCharsets.US_ASCII);

  /** {@code mov $228, %eax; syscall; ret}. */
  private static final byte[] CALL = {(byte) 0xb8, (byte) 0xe4, 0, 0, 0, 0x0f, 0x05, (byte) 0xc3};

  /** As much of the vDSO as is looked at: more than all of it. */
  private static final int MOST_BYTES = 1 << 14;

  private static final int MOST_SYMBOLS = 64;
  private static final int PROGRAM_HEADER = 56;
  private static final int DYNAMIC_ENTRY = 16;
  private static final int SYMBOL = 24;
  private static final int PT_DYNAMIC = 2;
  private static final int DT_STRTAB = 5;
  private static final int DT_SYMTAB = 6;

  private VdsoClock() {}

  /**
   * Makes a task, in an event and the only one of its address space, ask for the time by system
   * calls if its clocks are not the host's.
   *
   * @param next runs then
   */
  static void settle(Task task, Runnable next) {
    long function = task.namespaces().time().differsFromHost() ? functionOf(task) : 0;
    if (function == 0) {
      next.run();
      return;
    }
    task.thread()
        .openToInspection(
            () -> {
              task.memory().poke(function, CALL, 0, CALL.length);
              next.run();
            });
  }

  /** Where the function is; 0 if it has been replaced, or is not found. */
  private static long functionOf(Task task) {
    long base = baseOf(task.mm().auxiliaryVector());
    byte[] bytes = new byte[MOST_BYTES];
    int length = base == 0 ? 0 : task.memory().copyInPartly(base, bytes, 0, MOST_BYTES);
    try {
      int function = find(ByteBuffer.wrap(bytes, 0, length).order(ByteOrder.LITTLE_ENDIAN));
      int end = function + CALL.length;
      boolean replaced =
          function <= 0
              || end > length
              || Arrays.equals(bytes, function, end, CALL, 0, CALL.length);
      return replaced ? 0 : base + function;
    } catch (IndexOutOfBoundsException e) {
      // The guest has changed its copy: it reads what it likes.
      return 0;
    }
  }

  private static long baseOf(byte[] vector) {
    ByteBuffer pairs = ByteBuffer.wrap(vector).order(ByteOrder.LITTLE_ENDIAN);
    while (pairs.remaining() >= 2 * Long.BYTES) {
      long type = pairs.getLong();
      long value = pairs.getLong();
      if (type == AT_SYSINFO_EHDR) {
        return value;
      }
    }
    return 0;
  }

  /** Where the function is in the image; 0 if it is not found. */
  private static int find(ByteBuffer image) {
    int headers = (int) image.getLong(32);
    int count = image.getShort(56) & 0xffff;
    for (int i = 0; i < count; i++) {
      int header = headers + i * PROGRAM_HEADER;
      if (image.getInt(header) == PT_DYNAMIC) {
        return findIn(image, (int) image.getLong(header + 16));
      }
    }
    return 0;
  }

  private static int findIn(ByteBuffer image, int dynamic) {
    int names = 0;
    int symbols = 0;
    for (int at = dynamic; image.getLong(at) != 0; at += DYNAMIC_ENTRY) {
      long tag = image.getLong(at);
      int value = (int) image.getLong(at + 8);
      names = tag == DT_STRTAB ? value : names;
      symbols = tag == DT_SYMTAB ? value : symbols;
    }
    // The names lie behind the symbols.
    for (int i = 0; i < MOST_SYMBOLS && symbols + (i + 1) * SYMBOL <= names; i++) {
      int symbol = symbols + i * SYMBOL;
      if (isNamed(image, names + image.getInt(symbol))) {
        return (int) image.getLong(symbol + 8);
      }
    }
    return 0;
  }

  private static boolean isNamed(ByteBuffer image, int at) {
    for (int i = 0; i < NAME.length; i++) {
      if (image.get(at + i) != NAME[i]) {
        return false;
      }
    }
    return true;
  }
}
