package dev.skerry.sentry.fs.tmpfs;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.auth.UserNamespace;
import dev.skerry.sentry.vfs.MemoryAccount;
import java.util.List;

/**
 * What a tmpfs is mounted with (tmpfs(5)).
 *
 * @param mode of the root, 07777
 * @param sizePages of 4096 bytes, or {@link #UNLIMITED}
 * @param mostInodes or {@link #UNLIMITED}
 * @param shown the options as /proc/mounts shows them, each with a comma before
 */
public record TmpfsOptions(
    int mode, int uid, int gid, long sizePages, long mostInodes, String shown) {
  public static final long UNLIMITED = Long.MAX_VALUE;

  private static final int DEFAULT_MODE = 01777;

  /** No limits, root's, mode 01777. */
  public static TmpfsOptions unlimited() {
    return new TmpfsOptions(DEFAULT_MODE, 0, 0, UNLIMITED, UNLIMITED, "");
  }

  /** As {@link #unlimited}, with another mode. */
  public static TmpfsOptions ofMode(int mode) {
    return new TmpfsOptions(
        mode, 0, 0, UNLIMITED, UNLIMITED, ",mode=" + Integer.toOctalString(mode));
  }

  /**
   * Reads options as of mount(2): {@code mode=1777,size=64m,uid=0}. The default is half of the
   * memory, and as many inodes as that has pages.
   *
   * @param memoryBytes what percentages of {@code size} are of
   * @param ignored gets the options that a tmpfs does not know
   * @throws ErrnoException EINVAL for a value that makes no sense, or one with a second "="
   */
  public static TmpfsOptions parse(
      String text, long memoryBytes, List<String> ignored, Credentials maker)
      throws ErrnoException {
    long half = memoryBytes / 2 / MemoryAccount.PAGE;
    Parser parser = new Parser(memoryBytes, half, maker);
    int start = 0;
    while (start <= text.length()) {
      int comma = text.indexOf(',', start);
      int end = comma < 0 ? text.length() : comma;
      String option = text.substring(start, end);
      if (!option.isEmpty() && !parser.take(option)) {
        ignored.add(option);
      }
      start = end + 1;
    }
    return parser.result();
  }

  private static final class Parser {
    private static final int PERMISSIONS = 07777;

    private final long memoryBytes;
    private final UserNamespace ids;
    private final StringBuilder shown = new StringBuilder();
    private int mode = DEFAULT_MODE;
    private int uid;
    private int gid;
    private long sizePages;
    private long mostInodes;

    Parser(long memoryBytes, long half, Credentials maker) {
      this.ids = maker.userNamespace();
      this.uid = maker.fsuid();
      this.gid = maker.fsgid();
      this.memoryBytes = memoryBytes;
      this.sizePages = half;
      this.mostInodes = half;
    }

    /** Whether the option is known. */
    boolean take(String option) throws ErrnoException {
      int equals = option.indexOf('=');
      if (equals >= 0 && option.indexOf('=', equals + 1) >= 0) {
        throw ErrnoException.of(Errno.EINVAL);
      }
      if (equals < 0) {
        return false;
      }
      String value = option.substring(equals + 1);
      switch (option.substring(0, equals)) {
        case "mode" -> mode = (int) number(value, 8) & PERMISSIONS;
        case "uid" -> uid = mapped(ids.uid(id(value)));
        case "gid" -> gid = mapped(ids.gid(id(value)));
        case "size" -> {
          sizePages = pagesOf(bytes(value, true));
          shown.append(",size=").append(sizePages * (MemoryAccount.PAGE / 1024)).append('k');
          return true;
        }
        case "nr_blocks" -> {
          sizePages = orUnlimited(bytes(value, false));
          shown.append(",nr_blocks=").append(value);
          return true;
        }
        case "nr_inodes" -> mostInodes = orUnlimited(bytes(value, false));
        default -> {
          return false;
        }
      }
      shown.append(',').append(option);
      return true;
    }

    private static long pagesOf(long bytes) {
      return orUnlimited(bytes / MemoryAccount.PAGE + (bytes % MemoryAccount.PAGE == 0 ? 0 : 1));
    }

    private static long orUnlimited(long count) {
      return count == 0 ? UNLIMITED : count;
    }

    private static int id(String value) throws ErrnoException {
      long id = number(value, 10);
      if (id > 0xffff_fffeL) {
        throw ErrnoException.of(Errno.EINVAL);
      }
      return (int) id;
    }

    private static int mapped(int id) throws ErrnoException {
      if (id == -1) {
        throw ErrnoException.of(Errno.EINVAL);
      }
      return id;
    }

    private static long number(String digits, int radix) throws ErrnoException {
      if (digits.isEmpty() || Character.digit(digits.charAt(0), radix) < 0) {
        throw ErrnoException.of(Errno.EINVAL);
      }
      try {
        return Long.parseLong(digits, radix);
      } catch (NumberFormatException e) {
        throw ErrnoException.of(Errno.EINVAL);
      }
    }

    private long bytes(String value, boolean percentAllowed) throws ErrnoException {
      if (value.isEmpty()) {
        throw ErrnoException.of(Errno.EINVAL);
      }
      String digits = value.substring(0, value.length() - 1);
      int shift =
          switch (value.charAt(value.length() - 1)) {
            case 'k', 'K' -> 10;
            case 'm', 'M' -> 20;
            case 'g', 'G' -> 30;
            case 't', 'T' -> 40;
            case '%' -> percentAllowed ? -1 : 0;
            default -> 0;
          };
      if (shift < 0) {
        return Math.multiplyHigh(number(digits, 10), memoryBytes) == 0
            ? number(digits, 10) * memoryBytes / 100
            : Long.MAX_VALUE;
      }
      if (shift == 0) {
        return number(value, 10);
      }
      long count = number(digits, 10);
      if (count > Long.MAX_VALUE >>> shift) {
        throw ErrnoException.of(Errno.EINVAL);
      }
      return count << shift;
    }

    TmpfsOptions result() {
      return new TmpfsOptions(mode, uid, gid, sizePages, mostInodes, shown.toString());
    }
  }
}
