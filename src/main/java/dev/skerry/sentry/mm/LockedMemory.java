package dev.skerry.sentry.mm;

/**
 * Figures of locked and mapped memory, from the host's text (proc_pid_status(5),
 * proc_pid_smaps(5)).
 */
final class LockedMemory {
  private static final int KILO = 1024;

  private LockedMemory() {}

  /** The value in kB behind a key of a status file, in bytes; 0 if it is not there. */
  static long statusBytes(String status, String key) {
    int at = status.indexOf(key);
    if (at < 0) {
      return 0;
    }
    long kilobytes = 0;
    for (int i = at + key.length(); i < status.length(); i++) {
      char digit = status.charAt(i);
      if (digit >= '0' && digit <= '9') {
        kilobytes = kilobytes * 10 + digit - '0';
      } else if (digit == 'k') {
        break;
      }
    }
    return kilobytes * KILO;
  }

  /** The soft limit in bytes, says the text of a limits file; -1 for none. */
  static long limit(String limits) {
    int at = limits.indexOf("Max locked memory");
    long bytes = -1;
    for (int i = at < 0 ? limits.length() : at; i < limits.length(); i++) {
      char c = limits.charAt(i);
      if (c >= '0' && c <= '9') {
        bytes = 10 * Math.max(bytes, 0) + (c - '0');
      } else if (bytes >= 0 || c == 'u') {
        break;
      }
    }
    return bytes;
  }

  /** How many bytes of a range lie in locked mappings, says the text of smaps. */
  static long within(String smaps, long start, long end) {
    long total = 0;
    long from = 0;
    long to = 0;
    for (int line = 0; line < smaps.length(); ) {
      int next = smaps.indexOf('\n', line);
      next = next < 0 ? smaps.length() : next;
      int dash = smaps.indexOf('-', line);
      if (smaps.startsWith("VmFlags:", line)) {
        int flag = smaps.indexOf(" lo", line);
        long overlap = Math.min(to, end) - Math.max(from, start);
        total += flag >= 0 && flag < next ? Math.max(overlap, 0) : 0;
      } else if (isHexadecimal(smaps.charAt(line)) && dash > 0 && dash < next) {
        int space = smaps.indexOf(' ', dash);
        from = Long.parseUnsignedLong(smaps, line, dash, 16);
        to = Long.parseUnsignedLong(smaps, dash + 1, space, 16);
      }
      line = next + 1;
    }
    return total;
  }

  /** Keys begin with capital letters, addresses do not. */
  private static boolean isHexadecimal(char first) {
    return first >= '0' && first <= '9' || first >= 'a' && first <= 'f';
  }
}
