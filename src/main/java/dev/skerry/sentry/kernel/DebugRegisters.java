package dev.skerry.sentry.kernel;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.usermem.UserMemory;
import java.util.Arrays;

/**
 * The debug registers that a tracer has set for a task (Intel SDM volume 3, 18.2). The processor's
 * own are the host's; so the task runs by single steps while one is enabled, and after each the
 * sentry looks whether what is watched has changed. Reading cannot be seen that way.
 */
final class DebugRegisters {
  private static final int COUNT = 4;
  private static final int STATUS = 6;
  private static final int CONTROL = 7;

  /** The bits of the status that are one while nothing has happened. */
  private static final long STATUS_ONES = 0xffff_0ff0L;

  /** A step has ended. */
  private static final long STATUS_STEP = 0x4000;

  private static final int EXECUTE = 0;
  private static final int WRITE = 1;
  private static final int READ_OR_WRITE = 3;

  /** Lengths in bytes by their code in the control register. */
  private static final int[] LENGTHS = {1, 2, 8, 4};

  private final long[] addresses = new long[COUNT];
  private final byte[][] seen = new byte[COUNT][];
  private long status = STATUS_ONES;
  private long control;

  long get(int number) {
    return number < COUNT
        ? addresses[number]
        : number == STATUS ? status : number == CONTROL ? control : 0;
  }

  /** Returns zero or an error, as ptrace(2) with PTRACE_POKEUSER. */
  long set(int number, long value) {
    if (number < COUNT) {
      if (Long.compareUnsigned(value, UserMemory.END) >= 0) {
        return -Errno.EINVAL;
      }
      addresses[number] = value;
      return 0;
    }
    if (number == STATUS) {
      status = value;
      return 0;
    }
    return number == CONTROL ? setControl(value) : -Errno.EIO;
  }

  private long setControl(long value) {
    for (int i = 0; i < COUNT; i++) {
      if (!isEnabled(value, i)) {
        continue;
      }
      int kind = kind(value, i);
      int length = length(value, i);
      if (kind == READ_OR_WRITE) {
        return -Errno.ENOSPC;
      }
      boolean known = kind == WRITE || (kind == EXECUTE && length == 1);
      if (!known || addresses[i] == 0 || addresses[i] % length != 0) {
        return -Errno.EINVAL;
      }
    }
    control = value;
    return 0;
  }

  private static boolean isEnabled(long control, int i) {
    return (control >> 2 * i & 3) != 0;
  }

  private static int kind(long control, int i) {
    return (int) (control >> 16 + 4 * i & 3);
  }

  private static int length(long control, int i) {
    return LENGTHS[(int) (control >> 18 + 4 * i & 3)];
  }

  /** Whether the task has to run by steps. */
  boolean isActive() {
    return (control & 0xff) != 0;
  }

  /** Notes what is there before a step. */
  void arm(UserMemory memory) {
    for (int i = 0; i < COUNT; i++) {
      if (isEnabled(control, i) && kind(control, i) == WRITE) {
        seen[i] = read(memory, i);
      }
    }
  }

  private byte[] read(UserMemory memory, int i) {
    byte[] bytes = new byte[length(control, i)];
    memory.copyInPartly(addresses[i], bytes, 0, bytes.length);
    return bytes;
  }

  /**
   * A step has ended.
   *
   * @param wanted whether the tracer asked for it
   * @return whether something that is watched has happened
   */
  boolean stepped(UserMemory memory, long instructionPointer, boolean wanted) {
    long hits = 0;
    for (int i = 0; i < COUNT; i++) {
      if (!isEnabled(control, i)) {
        continue;
      }
      boolean hit =
          kind(control, i) == EXECUTE
              ? instructionPointer == addresses[i]
              : seen[i] != null && !Arrays.equals(seen[i], read(memory, i));
      hits |= hit ? 1L << i : 0;
    }
    status |= hits | (wanted ? STATUS_STEP : 0);
    return hits != 0;
  }
}
