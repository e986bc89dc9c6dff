package dev.skerry.sentry.fs.proc;

import dev.skerry.sentry.kernel.Rlimits;

/** /proc/PID/limits. */
final class LimitsText {
  private static final int NAME_WIDTH = 26;
  private static final int VALUE_WIDTH = 21;
  private static final int UNIT_WIDTH = 10;

  /** In the order of their numbers. */
  private static final String[] NAMES = {
    "Max cpu time",
    "Max file size",
    "Max data size",
    "Max stack size",
    "Max core file size",
    "Max resident set",
    "Max processes",
    "Max open files",
    "Max locked memory",
    "Max address space",
    "Max file locks",
    "Max pending signals",
    "Max msgqueue size",
    "Max nice priority",
    "Max realtime priority",
    "Max realtime timeout",
  };

  private static final String[] UNITS = {
    "seconds",
    "bytes",
    "bytes",
    "bytes",
    "bytes",
    "bytes",
    "processes",
    "files",
    "bytes",
    "bytes",
    "locks",
    "signals",
    "bytes",
    "",
    "",
    "us",
  };

  private LimitsText() {}

  static String of(Rlimits limits) {
    StringBuilder out = new StringBuilder(1200);
    line(out, "Limit", "Soft Limit", "Hard Limit", "Units");
    for (int i = 0; i < Rlimits.COUNT; i++) {
      line(out, NAMES[i], value(limits.soft(i)), value(limits.hard(i)), UNITS[i]);
    }
    return out.toString();
  }

  private static String value(long limit) {
    return limit == Rlimits.INFINITY ? "unlimited" : Long.toUnsignedString(limit);
  }

  private static void line(StringBuilder out, String name, String soft, String hard, String unit) {
    padded(out, name, NAME_WIDTH);
    padded(out, soft, VALUE_WIDTH);
    padded(out, hard, VALUE_WIDTH);
    if (unit.isEmpty()) {
      out.append('\n');
    } else {
      padded(out, unit, UNIT_WIDTH);
      out.append('\n');
    }
  }

  private static void padded(StringBuilder out, String text, int width) {
    out.append(text);
    for (int i = text.length(); i < width; i++) {
      out.append(' ');
    }
  }
}
