package dev.skerry.sentry.loader;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** Strings one behind the other, each with its NUL, as they will lie on the program's stack. */
final class StringBlock {
  private byte[] bytes = new byte[512];
  private int start;
  private int end;
  private int count;

  static StringBlock of(List<String> strings) {
    StringBlock block = new StringBlock();
    for (String string : strings) {
      block.add(string.getBytes(StandardCharsets.ISO_8859_1));
    }
    return block;
  }

  int count() {
    return count;
  }

  /** Bytes with all NULs. */
  int size() {
    return end - start;
  }

  void add(byte[] string) {
    add(string, 0, string.length);
  }

  /** Adds a string, given without its NUL. */
  void add(byte[] source, int offset, int length) {
    if (bytes.length - end < length + 1) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, end + length + 1));
    }
    System.arraycopy(source, offset, bytes, end, length);
    end += length;
    bytes[end++] = 0;
    count++;
  }

  /** Takes the first string away. */
  void removeFirst() {
    while (bytes[start++] != 0) {
      // The NUL goes too.
    }
    count--;
  }

  /** Puts strings, given without their NULs, before all others. */
  void prepend(List<byte[]> strings) {
    StringBlock longer = new StringBlock();
    for (byte[] string : strings) {
      longer.add(string);
    }
    int before = longer.end;
    longer.bytes = Arrays.copyOf(longer.bytes, before + size());
    System.arraycopy(bytes, start, longer.bytes, before, size());
    bytes = longer.bytes;
    end = before + size();
    start = 0;
    count += strings.size();
  }

  /** Copies all strings. */
  void copyTo(byte[] target, int offset) {
    System.arraycopy(bytes, start, target, offset, size());
  }

  /** The offset of the string after the one at {@code offset}, both counted from the first. */
  int next(int offset) {
    int at = start + offset;
    while (bytes[at] != 0) {
      at++;
    }
    return at + 1 - start;
  }

  /**
   * @throws ErrnoException E2BIG
   */
  static void checkLength(long length) throws ErrnoException {
    if (length >= ExecArguments.MAX_ARG_STRLEN) {
      throw ErrnoException.of(Errno.E2BIG);
    }
  }
}
