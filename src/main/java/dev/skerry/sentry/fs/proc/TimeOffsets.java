package dev.skerry.sentry.fs.proc;

import dev.skerry.abi.Errno;
import dev.skerry.hostos.Host;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.TimeNamespace;

/** The text of /proc/PID/timens_offsets (time_namespaces(7)). Linux: kernel/time/namespace.c. */
final class TimeOffsets {
  private static final int CLOCK_MONOTONIC = 1;
  private static final int CLOCK_BOOTTIME = 7;
  private static final long NANOS = 1_000_000_000;

  /** KTIME_SEC_MAX. */
  private static final long MOST_SECONDS = 9_223_372_036L;

  private static final int MOST_LINES = 2;

  private TimeOffsets() {}

  static String text(TimeNamespace namespace) {
    StringBuilder out = new StringBuilder();
    line(out, "monotonic ", namespace.monotonic());
    line(out, "boottime  ", namespace.boottime());
    return out.toString();
  }

  private static void line(StringBuilder out, String name, long nanos) {
    String seconds = Long.toString(Math.floorDiv(nanos, NANOS));
    String rest = Long.toString(Math.floorMod(nanos, NANOS));
    out.append(name).append(' ').append(" ".repeat(Math.max(0, 10 - seconds.length())));
    out.append(seconds).append(' ').append(" ".repeat(9 - rest.length()));
    out.append(rest).append('\n');
  }

  /**
   * Takes up to two lines of a clock, seconds and nanoseconds.
   *
   * @throws ErrnoException EINVAL for anything else, ERANGE for a clock that would be before zero
   *     or too late, EACCES if somebody is in the namespace
   */
  static void write(TimeNamespace namespace, String text) throws ErrnoException {
    long monotonic = namespace.monotonic();
    long boottime = namespace.boottime();
    String[] lines = text.split("\n");
    if (lines.length == 0) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    for (int i = 0; i < Math.min(lines.length, MOST_LINES); i++) {
      String[] words = lines[i].strip().split("[ \t]+");
      if (words.length < 3) {
        throw ErrnoException.of(Errno.EINVAL);
      }
      int clock = clock(words[0]);
      long seconds = number(words[1]);
      long nanos = number(words[2]);
      if (nanos < 0 || nanos >= NANOS) {
        throw ErrnoException.of(Errno.EINVAL);
      }
      long offset = checked(clock, seconds, nanos);
      monotonic = clock == CLOCK_MONOTONIC ? offset : monotonic;
      boottime = clock == CLOCK_BOOTTIME ? offset : boottime;
    }
    if (!namespace.set(monotonic, boottime)) {
      throw ErrnoException.of(Errno.EACCES);
    }
  }

  private static int clock(String name) throws ErrnoException {
    return switch (name) {
      case "monotonic", "1" -> CLOCK_MONOTONIC;
      case "boottime", "7" -> CLOCK_BOOTTIME;
      default -> throw ErrnoException.of(Errno.EINVAL);
    };
  }

  private static long number(String word) throws ErrnoException {
    try {
      return Long.parseLong(word);
    } catch (NumberFormatException e) {
      throw ErrnoException.of(Errno.EINVAL);
    }
  }

  private static long checked(int clock, long seconds, long nanos) throws ErrnoException {
    if (seconds > MOST_SECONDS || seconds < -MOST_SECONDS) {
      throw ErrnoException.of(Errno.ERANGE);
    }
    long now = Host.os().clockGetTime(clock);
    long then = now / NANOS + seconds + (now % NANOS + nanos) / NANOS;
    if (then < 0 || then > MOST_SECONDS / 2) {
      throw ErrnoException.of(Errno.ERANGE);
    }
    return seconds * NANOS + nanos;
  }
}
