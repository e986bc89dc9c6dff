package dev.skerry.sentry.loader;

import dev.skerry.sentry.usermem.UserMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What the host put on the stack of the fresh address space: its own auxiliary vector
 * (getauxval(3)), of which the program is told the parts that hold for it too.
 */
final class HostVector {
  static final int AT_NULL = 0;
  static final int AT_PHDR = 3;
  static final int AT_PHENT = 4;
  static final int AT_PHNUM = 5;
  static final int AT_PAGESZ = 6;
  static final int AT_BASE = 7;
  static final int AT_FLAGS = 8;
  static final int AT_ENTRY = 9;
  static final int AT_UID = 11;
  static final int AT_EUID = 12;
  static final int AT_GID = 13;
  static final int AT_EGID = 14;
  static final int AT_PLATFORM = 15;
  static final int AT_HWCAP = 16;
  static final int AT_CLKTCK = 17;
  static final int AT_SECURE = 23;
  static final int AT_RANDOM = 25;
  static final int AT_HWCAP2 = 26;
  static final int AT_EXECFN = 31;
  static final int AT_SYSINFO_EHDR = 33;
  static final int AT_MINSIGSTKSZ = 51;

  private static final int MOST_TYPES = 64;
  private static final int RANDOM_BYTES = 16;

  /** The stub's arguments and environment are short. */
  private static final int ENOUGH = 1024;

  private final long[] values = new long[MOST_TYPES];
  private final byte[] random = new byte[RANDOM_BYTES];

  /** Nothing: before the host was asked. */
  static final HostVector NONE = new HostVector();

  private HostVector() {}

  static HostVector read(UserMemory memory, long stackPointer) {
    HostVector vector = new HostVector();
    byte[] bytes = new byte[ENOUGH];
    int length = memory.copyInPartly(stackPointer, bytes, 0, ENOUGH) & -Long.BYTES;
    ByteBuffer words = ByteBuffer.wrap(bytes, 0, length).order(ByteOrder.LITTLE_ENDIAN);
    // The argument count, the arguments, the environment, each list with a null behind it.
    if (length > 0) {
      words.getLong();
      skipList(words);
      skipList(words);
    }
    while (words.remaining() >= 2 * Long.BYTES) {
      long type = words.getLong();
      long value = words.getLong();
      if (type == AT_NULL) {
        break;
      }
      if (type > 0 && type < MOST_TYPES) {
        vector.values[(int) type] = value;
      }
    }
    memory.copyInPartly(vector.get(AT_RANDOM), vector.random, 0, RANDOM_BYTES);
    return vector;
  }

  private static void skipList(ByteBuffer words) {
    while (words.remaining() >= Long.BYTES && words.getLong() != 0) {
      // The next one.
    }
  }

  /** What the program is not to know. */
  void forget(int type) {
    values[type] = 0;
  }

  /** The value, or 0 if the host gave none. */
  long get(int type) {
    return values[type];
  }

  /** Sixteen random bytes of the host's. */
  byte[] random() {
    return random;
  }
}
