package dev.skerry.sentry.mm;

import dev.skerry.sentry.vfs.VfsPath;
import org.jspecify.annotations.Nullable;

/**
 * Turns the host's text of a guest's maps or smaps into the guest's: files get the guest's names
 * and numbers, the stub is left out. Format: proc_pid_maps(5).
 */
final class HostMaps {
  /** What Linux calls the memory of MAP_SHARED with MAP_ANONYMOUS. */
  private static final String SHARED_ANONYMOUS = "/dev/zero (deleted)";

  private HostMaps() {}

  /**
   * @param root of whom the names are for; null for that of the first namespace
   */
  static String translate(String host, MemoryManager memory, @Nullable VfsPath root) {
    StringBuilder out = new StringBuilder(host.length());
    boolean keep = true;
    int start = 0;
    while (start < host.length()) {
      int end = host.indexOf('\n', start);
      if (end < 0) {
        end = host.length();
      }
      String line = host.substring(start, end);
      start = end + 1;
      int dash = line.indexOf('-');
      if (isHeader(line, dash)) {
        keep = !memory.isReserved(Long.parseUnsignedLong(line, 0, dash, 16));
        if (keep) {
          header(line, memory, root, out);
        }
      } else if (keep) {
        out.append(line).append('\n');
      }
    }
    return out.toString();
  }

  /** Whether the mappings, which are in order, leave no gap between the two addresses. */
  static boolean covers(String host, long start, long end) {
    long reached = start;
    for (String line : host.split("\n")) {
      int dash = line.indexOf('-');
      int space = line.indexOf(' ');
      if (!isHeader(line, dash) || space < dash) {
        continue;
      }
      long from = Long.parseUnsignedLong(line, 0, dash, 16);
      long to = Long.parseUnsignedLong(line, dash + 1, space, 16);
      if (from <= reached && reached < to) {
        reached = to;
      }
    }
    return reached >= end;
  }

  /** How many bytes of the range are mapped. */
  static long within(String host, long start, long end) {
    return within(host, start, end, false);
  }

  /** How many bytes of the range are mapped privately and cannot be written. */
  static long readOnlyWithin(String host, long start, long end) {
    return within(host, start, end, true);
  }

  private static long within(String host, long start, long end, boolean readOnly) {
    long total = 0;
    for (String line : host.split("\n")) {
      int dash = line.indexOf('-');
      int space = line.indexOf(' ');
      if (isHeader(line, dash) && space > dash) {
        long from = Long.parseUnsignedLong(line, 0, dash, 16);
        long to = Long.parseUnsignedLong(line, dash + 1, space, 16);
        boolean counts =
            !readOnly || (line.charAt(space + 2) == '-' && line.charAt(space + 4) == 'p');
        total += counts ? Math.max(0, Math.min(to, end) - Math.max(from, start)) : 0;
      }
    }
    return total;
  }

  /** The end of the mapping that the host calls the heap; 0 if there is none. */
  static long heapEnd(String host) {
    int name = host.indexOf("[heap]");
    if (name < 0) {
      return 0;
    }
    int line = host.lastIndexOf('\n', name) + 1;
    int dash = host.indexOf('-', line);
    return Long.parseUnsignedLong(host, dash + 1, host.indexOf(' ', dash), 16);
  }

  /**
   * A mapping's own line begins with its address range; smaps adds lines of the form "Key: value".
   */
  private static boolean isHeader(String line, int dash) {
    if (dash <= 0) {
      return false;
    }
    for (int i = 0; i < dash; i++) {
      if (Character.digit(line.charAt(i), 16) < 0) {
        return false;
      }
    }
    return true;
  }

  private static void header(
      String line, MemoryManager memory, @Nullable VfsPath root, StringBuilder out) {
    // address perms offset dev inode path
    String[] fields = line.split(" +", 6);
    if (fields.length < 5 || fields[4].equals("0")) {
      out.append(line).append('\n');
      return;
    }
    int colon = fields[3].indexOf(':');
    long dev =
        device(
            Long.parseLong(fields[3], 0, colon, 16),
            Long.parseLong(fields[3], colon + 1, fields[3].length(), 16));
    MappedFile file = memory.mappedFile(new HostFileId(dev, Long.parseLong(fields[4])));
    if (file == null && fields.length > 5 && fields[5].equals(SHARED_ANONYMOUS)) {
      out.append(line).append('\n');
      return;
    }
    StringBuilder named = new StringBuilder();
    named.append(fields[0]).append(' ').append(fields[1]).append(' ').append(fields[2]);
    if (file == null) {
      named.append(" 00:00 0");
    } else {
      // No String.format: it would load classes and libraries that the sentry can no longer open.
      named.append(' ');
      appendHex(named, file.dev() >> 8 & 0xfff).append(':');
      appendHex(named, file.dev() & 0xff).append(' ').append(file.ino()).append(' ');
      while (named.length() < 73) {
        named.append(' ');
      }
      named.append(file.name(root).replace("\n", "\\012"));
    }
    out.append(named).append('\n');
  }

  /** At least two digits. */
  private static StringBuilder appendHex(StringBuilder out, long value) {
    return (value < 0x10 ? out.append('0') : out).append(Long.toHexString(value));
  }

  /** makedev(3), as glibc encodes a device number. */
  static long device(long major, long minor) {
    return (minor & 0xff) | (major & 0xfff) << 8 | (minor & ~0xffL) << 12 | (major & ~0xfffL) << 32;
  }
}
