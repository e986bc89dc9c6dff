package dev.skerry.sentry.fs.proc;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;

/** Numbers as /proc writes them, and inode numbers of what belongs to a task. */
final class Numbers {
  private static final String ZEROS = "0000000000000000";
  private static final int TASK_SHIFT = 22;
  private static final int KIND_SHIFT = 20;
  private static final int TICK_NANOS = 10_000_000;

  private Numbers() {}

  /** 16 hexadecimal digits. */
  static String mask(long value) {
    return hex(value, 16);
  }

  static String hex(long value, int digits) {
    String text = Long.toHexString(value);
    return text.length() >= digits ? text : ZEROS.substring(0, digits - text.length()) + text;
  }

  /** A number between digits only and without leading zeros, or -1. */
  static int parseName(String name) {
    int length = name.length();
    if (length == 0 || length > 9 || (length > 1 && name.charAt(0) == '0')) {
      return -1;
    }
    int value = 0;
    for (int i = 0; i < length; i++) {
      int digit = name.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      value = 10 * value + digit;
    }
    return value;
  }

  /**
   * An unsigned number of 32 bits as proc files take it: decimal, octal after a zero, hexadecimal
   * after "0x", with white space around it. Linux: kstrtouint() with base 0.
   *
   * @throws ErrnoException EINVAL for anything else, ERANGE for what is too large
   */
  static long parse(String text) throws ErrnoException {
    String digits = text.strip();
    if (digits.startsWith("-")) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    boolean hex = digits.startsWith("0x") || digits.startsWith("0X");
    boolean octal = !hex && digits.length() > 1 && digits.startsWith("0");
    try {
      long value = Long.parseLong(hex ? digits.substring(2) : digits, hex ? 16 : octal ? 8 : 10);
      if (value > 0xffff_ffffL) {
        throw ErrnoException.of(Errno.ERANGE);
      }
      return value;
    } catch (NumberFormatException e) {
      throw ErrnoException.of(Errno.EINVAL);
    }
  }

  /** Three octal digits. */
  static String octal(int bits) {
    String text = Integer.toOctalString(bits);
    return text.length() >= 3 ? text : ZEROS.substring(0, 3 - text.length()) + text;
  }

  /** Nanoseconds in 1/100 s, the unit of times(2). */
  static long ticks(long nanos) {
    return nanos / TICK_NANOS;
  }

  /** Nanoseconds in seconds with two digits behind the point. */
  static String seconds(long nanos) {
    return hundredths(nanos / TICK_NANOS);
  }

  /** A count of hundredths with a point. */
  static String hundredths(long value) {
    long rest = value % 100;
    return value / 100 + (rest < 10 ? ".0" : ".") + rest;
  }

  /** An inode number. {@code kind} is 0 to 3, {@code index} below 2^20. */
  static long inode(int tid, boolean thread, int kind, int index) {
    long task = 2L * tid + (thread ? 1 : 0);
    return task << TASK_SHIFT | (long) kind << KIND_SHIFT | index;
  }
}
