package dev.skerry.service.api;

import dev.skerry.abi.Signal;
import java.util.List;
import java.util.Locale;

/** The names of signal(7), for clients. */
final class SignalNames {
  private static final List<String> NAMES =
      List.of(
          "", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV",
          "USR2", "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU",
          "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS");

  /** The lowest that programs may use: glibc keeps two for itself. */
  private static final int FIRST_REAL_TIME = 34;

  private SignalNames() {}

  /** "SIGTERM"; real-time signals count from SIGRTMIN on, as the C library names them. */
  static String name(int signal) {
    if (signal < NAMES.size()) {
      return "SIG" + NAMES.get(signal);
    }
    int offset = signal - FIRST_REAL_TIME;
    return offset == 0 ? "SIGRTMIN" : "SIGRTMIN" + (offset > 0 ? "+" : "") + offset;
  }

  /** The number of "SIGTERM", "TERM", "15" or "SIGRTMIN+1"; 0 if it is none. */
  static int number(String text) {
    String upper = text.toUpperCase(Locale.ROOT);
    if (upper.matches("[0-9]{1,2}")) {
      int number = Integer.parseInt(upper);
      return Signal.isValid(number) ? number : 0;
    }
    String name = upper.startsWith("SIG") ? upper.substring(3) : upper;
    if (name.matches("RTMIN(\\+[0-9]{1,2})?")) {
      int offset = name.length() > 5 ? Integer.parseInt(name.substring(6)) : 0;
      return Signal.isValid(FIRST_REAL_TIME + offset) ? FIRST_REAL_TIME + offset : 0;
    }
    return name.isEmpty() ? 0 : Math.max(0, NAMES.indexOf(name));
  }
}
