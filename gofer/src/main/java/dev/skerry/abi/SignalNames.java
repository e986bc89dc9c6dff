package dev.skerry.abi;

import java.util.List;

/** The names of signals, as signal(7) has them. */
public final class SignalNames {
  private static final List<String> NAMES =
      List.of(
          "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2",
          "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG",
          "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS");

  private SignalNames() {}

  /** "SIGKILL" for 9; real-time signals count from SIGRTMIN, 32. */
  public static String name(int signal) {
    if (signal >= 1 && signal <= NAMES.size()) {
      return "SIG" + NAMES.get(signal - 1);
    }
    return signal == Signal.SIGRTMIN ? "SIGRTMIN" : "SIGRTMIN+" + (signal - Signal.SIGRTMIN);
  }

  /** The number of "SIGKILL", "KILL", "SIGRTMIN+2" or "9"; -1 when it is no signal. */
  public static int number(String name) {
    String shortName = name.startsWith("SIG") ? name.substring(3) : name;
    int position = NAMES.indexOf(shortName);
    if (position >= 0) {
      return position + 1;
    }
    if (shortName.equals("RTMIN")) {
      return Signal.SIGRTMIN;
    }
    int base = shortName.startsWith("RTMIN+") ? Signal.SIGRTMIN : 0;
    int offset = digits(base == 0 ? name : shortName.substring(6));
    int number = base + offset;
    return offset >= 0 && Signal.isValid(number) ? number : -1;
  }

  private static int digits(String text) {
    if (text.isEmpty() || text.length() > 2) {
      return -1;
    }
    int value = 0;
    for (int i = 0; i < text.length(); i++) {
      char digit = text.charAt(i);
      if (digit < '0' || digit > '9') {
        return -1;
      }
      value = value * 10 + (digit - '0');
    }
    return value;
  }
}
