package dev.skerry.sentry.auth;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import java.util.ArrayList;
import java.util.List;

/** The text of uid_map and gid_map (user_namespaces(7)). Linux: map_write() of user_namespace.c. */
final class IdMapText {
  private static final int PAGE = 4096;
  private static final long MOST = 0xffff_ffffL;

  private IdMapText() {}

  /** One line a range, as Linux pads them. */
  static String format(IdMap map, IdMap reader) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < map.extents(); i++) {
      column(out, map.first(i));
      out.append(' ');
      column(out, reader.up(map.lower(i)));
      out.append(' ');
      column(out, map.count(i));
      out.append('\n');
    }
    return out.toString();
  }

  private static void column(StringBuilder out, int value) {
    String digits = Integer.toUnsignedString(value);
    for (int pad = digits.length(); pad < 10; pad++) {
      out.append(' ');
    }
    out.append(digits);
  }

  /** EINVAL unless every line is a range, and none overlaps another. */
  static IdMap parse(String text) throws ErrnoException {
    if (text.length() >= PAGE) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    int nul = text.indexOf(0);
    List<long[]> extents = new ArrayList<>();
    String lines = nul < 0 ? text : text.substring(0, nul);
    for (int start = 0; start < lines.length(); ) {
      int end = lines.indexOf('\n', start);
      end = end < 0 ? lines.length() : end;
      long[] extent = extent(lines.substring(start, end));
      if (extents.size() >= IdMap.MOST_EXTENTS || overlaps(extents, extent)) {
        throw ErrnoException.of(Errno.EINVAL);
      }
      extents.add(extent);
      start = end + 1;
    }
    if (extents.isEmpty()) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    return mapOf(extents);
  }

  private static IdMap mapOf(List<long[]> extents) {
    int[][] columns = new int[3][extents.size()];
    for (int i = 0; i < extents.size(); i++) {
      for (int column = 0; column < columns.length; column++) {
        columns[column][i] = (int) extents.get(i)[column];
      }
    }
    return new IdMap(columns[0], columns[1], columns[2]);
  }

  private static long[] extent(String line) throws ErrnoException {
    String[] words = line.strip().split("[ \t]+");
    if (words.length != 3) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    long[] values = new long[words.length];
    for (int i = 0; i < words.length; i++) {
      values[i] = number(words[i]);
    }
    boolean empty = values[2] == 0 || values[0] == MOST || values[1] == MOST;
    if (empty || values[0] + values[2] > MOST || values[1] + values[2] > MOST) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    return values;
  }

  private static long number(String word) throws ErrnoException {
    try {
      long value = Long.parseUnsignedLong(word);
      if (value < 0 || value > MOST) {
        throw ErrnoException.of(Errno.EINVAL);
      }
      return value;
    } catch (NumberFormatException e) {
      throw ErrnoException.of(Errno.EINVAL);
    }
  }

  private static boolean overlaps(List<long[]> extents, long[] added) {
    for (long[] extent : extents) {
      for (int column = 0; column < 2; column++) {
        if (added[column] < extent[column] + extent[2]
            && extent[column] < added[column] + added[2]) {
          return true;
        }
      }
    }
    return false;
  }
}
