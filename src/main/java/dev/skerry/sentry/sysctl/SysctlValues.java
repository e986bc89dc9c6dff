package dev.skerry.sentry.sysctl;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What the settings of one scope are now. Thread-safe. */
public final class SysctlValues {
  /** The sandbox's; those of namespaces are with the namespaces. */
  public static final SysctlValues SYSTEM = new SysctlValues();

  private static final int LONGEST_WORD = 127;

  private final Map<Sysctl, long[]> numbers = new ConcurrentHashMap<>();
  private final Map<Sysctl, String> words = new ConcurrentHashMap<>();

  /** The first number of a setting. */
  public long get(Sysctl setting) {
    return get(setting, 0);
  }

  public long get(Sysctl setting, int index) {
    return numbers.getOrDefault(setting, setting.initialNumbers())[index];
  }

  /** The first number, which has bounds that fit. */
  public int getInt(Sysctl setting) {
    return (int) get(setting);
  }

  public String word(Sysctl setting) {
    return words.getOrDefault(setting, setting.initial());
  }

  /** The first number of a setting, which is then what it was at first. */
  public long take(Sysctl setting) {
    long[] present = numbers.remove(setting);
    return present == null ? setting.initialNumbers()[0] : present[0];
  }

  /** What the file shows, without the end of the line. */
  public String text(Sysctl setting) {
    if (setting.isWord()) {
      return word(setting);
    }
    StringBuilder out = new StringBuilder();
    for (long number : numbers.getOrDefault(setting, setting.initialNumbers())) {
      out.append(out.isEmpty() ? "" : "\t");
      out.append(setting.isUnsigned() ? Long.toUnsignedString(number) : Long.toString(number));
    }
    return out.toString();
  }

  /** Sets a word, up to the end of the line (proc_dostring()); EINVAL where it is fixed. */
  private void setWord(Sysctl setting, String text) throws ErrnoException {
    int end = 0;
    while (end < text.length() && text.charAt(end) != 0 && text.charAt(end) != '\n') {
      end++;
    }
    String word = text.substring(0, Math.min(end, LONGEST_WORD));
    if (setting.isFixed() && !word.equals(setting.initial())) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    words.put(setting, word);
  }

  /**
   * Takes what was written to the file.
   *
   * @throws ErrnoException EINVAL for what is no number or out of bounds; numbers before it are set
   */
  public void set(Sysctl setting, String text) throws ErrnoException {
    if (setting.isWord()) {
      setWord(setting, text);
      return;
    }
    long[] present = numbers.getOrDefault(setting, setting.initialNumbers()).clone();
    String[] fields = text.strip().split("[ \t\n]+");
    if (fields.length == 0 || fields[0].isEmpty()) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    try {
      for (int i = 0; i < Math.min(fields.length, present.length); i++) {
        long number = number(fields[i], setting.isUnsigned());
        boolean allowed =
            setting.isFixed() ? number == setting.initialNumbers()[i] : setting.allows(number);
        if (!allowed) {
          throw ErrnoException.of(Errno.EINVAL);
        }
        present[i] = number;
      }
    } finally {
      if (!Arrays.equals(present, setting.initialNumbers()) || numbers.containsKey(setting)) {
        numbers.put(setting, present);
      }
    }
  }

  /** As strtoul() of base 0 reads it, with a sign. */
  private static long number(String field, boolean unsigned) throws ErrnoException {
    boolean negative = field.startsWith("-");
    String digits = negative ? field.substring(1) : field;
    boolean hex = digits.startsWith("0x") || digits.startsWith("0X");
    boolean octal = !hex && digits.length() > 1 && digits.startsWith("0");
    if (negative && unsigned || digits.startsWith("-") || digits.startsWith("+")) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    try {
      String plain = hex ? digits.substring(2) : digits;
      int base = hex ? 16 : octal ? 8 : 10;
      long number = unsigned ? Long.parseUnsignedLong(plain, base) : Long.parseLong(plain, base);
      return negative ? -number : number;
    } catch (NumberFormatException e) {
      throw ErrnoException.of(Errno.EINVAL);
    }
  }
}
