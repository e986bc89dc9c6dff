package dev.skerry.sentry.fs.proc;

import dev.skerry.sentry.kernel.Task;
import java.util.LinkedHashMap;
import java.util.Map;

/** /proc/PID/smaps_rollup: the sums of smaps. */
final class RollupText {
  private static final int KEY_WIDTH = 16;
  private static final int VALUE_WIDTH = 8;

  private RollupText() {}

  static String of(Task task) {
    String smaps = task.mm().smaps(task.thread().hostTid());
    Map<String, Long> sums = new LinkedHashMap<>();
    String first = "";
    String last = "";
    int start = 0;
    while (start < smaps.length()) {
      int end = smaps.indexOf('\n', start);
      end = end < 0 ? smaps.length() : end;
      String line = smaps.substring(start, end);
      start = end + 1;
      int space = line.indexOf(' ');
      int dash = line.indexOf('-');
      if (dash > 0 && dash < space) {
        first = first.isEmpty() ? line.substring(0, dash) : first;
        last = line.substring(dash + 1, space);
      } else if (line.endsWith(" kB") && isSummed(line)) {
        int colon = line.indexOf(':');
        long value = Long.parseLong(line.substring(colon + 1, line.length() - 3).trim());
        sums.merge(line.substring(0, colon), value, Long::sum);
      }
    }
    return text(first, last, sums);
  }

  /** Sizes of pages and of the mapping itself are not added up. */
  private static boolean isSummed(String line) {
    return !line.startsWith("Size:")
        && !line.startsWith("KernelPageSize:")
        && !line.startsWith("MMUPageSize:");
  }

  private static String text(String first, String last, Map<String, Long> sums) {
    if (first.isEmpty()) {
      return "";
    }
    StringBuilder out = new StringBuilder();
    out.append(first).append('-').append(last).append(" ---p 00000000 00:00 0");
    while (out.length() < 73) {
      out.append(' ');
    }
    out.append("[rollup]\n");
    for (Map.Entry<String, Long> sum : sums.entrySet()) {
      int line = out.length();
      out.append(sum.getKey()).append(':');
      String value = sum.getValue().toString();
      while (out.length() - line < KEY_WIDTH + VALUE_WIDTH - value.length()) {
        out.append(' ');
      }
      out.append(value).append(" kB\n");
    }
    return out.toString();
  }
}
