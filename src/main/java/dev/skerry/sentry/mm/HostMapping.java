package dev.skerry.sentry.mm;

import java.util.ArrayList;
import java.util.List;

/**
 * A line of the host's /proc/PID/maps (proc_pid_maps(5)).
 *
 * @param shared whether it was mapped with MAP_SHARED; then {@code file} is never nothing
 * @param offset of the mapping's start in the file, in bytes
 */
record HostMapping(long start, long end, boolean shared, HostFileId file, long offset) {

  static HostMapping[] parse(String text) {
    List<HostMapping> all = new ArrayList<>();
    Cursor cursor = new Cursor(text);
    while (!cursor.atEnd()) {
      long start = cursor.number(16);
      long end = cursor.number(16);
      boolean shared = cursor.word().charAt(3) == 's';
      long offset = cursor.number(16);
      long major = cursor.number(16);
      long minor = cursor.number(16);
      long inode = cursor.number(10);
      cursor.skipLine();
      HostFileId file = new HostFileId(HostMaps.device(major, minor), inode);
      all.add(new HostMapping(start, end, shared, file, offset));
    }
    return all.toArray(new HostMapping[0]);
  }

  boolean overlaps(long from, long to) {
    return from < end && start < to;
  }

  boolean contains(long address) {
    return address >= start && address < end;
  }

  /** Reads the fields of lines one after the other. */
  private static final class Cursor {
    private final String text;
    private int at;

    Cursor(String text) {
      this.text = text;
    }

    boolean atEnd() {
      return at >= text.length();
    }

    /** A number, with the one character after it. */
    long number(int radix) {
      long value = 0;
      int digit;
      while (at < text.length() && (digit = Character.digit(text.charAt(at), radix)) >= 0) {
        value = value * radix + digit;
        at++;
      }
      // The line's end belongs to skipLine.
      if (at < text.length() && text.charAt(at) != '\n') {
        at++;
      }
      return value;
    }

    String word() {
      int start = at;
      at = text.indexOf(' ', at) + 1;
      return text.substring(start, at - 1);
    }

    void skipLine() {
      int end = text.indexOf('\n', at);
      at = end < 0 ? text.length() : end + 1;
    }
  }
}
