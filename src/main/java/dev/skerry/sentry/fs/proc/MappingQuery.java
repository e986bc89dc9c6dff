package dev.skerry.sentry.fs.proc;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.usermem.UserMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The ioctl(2) PROCMAP_QUERY of /proc/PID/maps: one mapping, by its address. Build ids are not
 * looked for. Linux: do_procmap_query() of fs/proc/task_mmu.c.
 */
final class MappingQuery {
  static final int REQUEST = 0xc068_6611;

  private static final int PAGE = 4096;
  private static final int PATH_MAX = 4096;

  // What to look for.
  private static final String ACCESS = "rwxs";
  private static final int ACCESS_FLAGS = 0xf;
  private static final int OR_NEXT = 0x10;
  private static final int FILE_BACKED = 0x20;
  private static final long FLAGS = 0x3f;

  /** sizeof(struct procmap_query), and where the part ends that every caller has. */
  private static final int SIZE = 104;

  private static final int LEAST = 24;

  /** It cannot be found by its address, as it belongs to no process. */
  private static final String GATE = "[vsyscall]";

  private record Mapping(long start, long end, int access, String[] fields) {
    /** Null at the end of the text. */
    static @Nullable Mapping parse(String line) {
      // address perms offset dev inode path
      String[] fields = line.split(" +", 6);
      int dash = fields[0].indexOf('-');
      if (fields.length < 5 || dash < 0 || GATE.equals(fields.length > 5 ? fields[5] : "")) {
        return null;
      }
      int access = 0;
      for (int i = 0; i < ACCESS.length(); i++) {
        access |= fields[1].charAt(i) == ACCESS.charAt(i) ? 1 << i : 0;
      }
      long start = Long.parseUnsignedLong(fields[0], 0, dash, 16);
      long end = Long.parseUnsignedLong(fields[0], dash + 1, fields[0].length(), 16);
      return new Mapping(start, end, access, fields);
    }

    boolean hasFile() {
      return !fields[4].equals("0");
    }

    byte[] name() {
      return fields.length > 5 && !fields[5].isEmpty()
          ? (fields[5] + '\0').getBytes(StandardCharsets.ISO_8859_1)
          : new byte[0];
    }

    boolean matches(long flags) {
      return (flags & ACCESS_FLAGS & ~access) == 0 && ((flags & FILE_BACKED) == 0 || hasFile());
    }
  }

  private MappingQuery() {}

  /**
   * @param task whose mappings; null for one that has ended
   */
  static long answer(@Nullable Task task, UserMemory memory, long argument) throws ErrnoException {
    long given = memory.readLong(argument);
    if (Long.compareUnsigned(given, PAGE) > 0) {
      return -Errno.E2BIG;
    }
    int size = (int) given;
    if (size < LEAST) {
      return -Errno.EINVAL;
    }
    byte[] struct = memory.readBytes(argument, size);
    for (int i = SIZE; i < size; i++) {
      if (struct[i] != 0) {
        return -Errno.E2BIG;
      }
    }
    byte[] known = Arrays.copyOf(struct, SIZE);
    ByteBuffer query = ByteBuffer.wrap(known).order(ByteOrder.LITTLE_ENDIAN);
    long flags = query.getLong(8);
    boolean halfName = query.getInt(80) == 0 != (query.getLong(88) == 0);
    boolean halfBuildId = query.getInt(84) == 0 != (query.getLong(96) == 0);
    if ((flags & ~FLAGS) != 0 || halfName || halfBuildId) {
      return -Errno.EINVAL;
    }
    if (task == null) {
      return -Errno.ESRCH;
    }
    String text = task.mm().maps(task.thread().hostTid(), PlaceNames.root());
    Mapping found = find(text, query.getLong(16), flags);
    if (found == null) {
      return -Errno.ENOENT;
    }
    put(query, found);
    byte[] name = query.getInt(80) == 0 ? new byte[0] : found.name();
    if (name.length > Math.min(PATH_MAX, query.getInt(80) & 0xffff_ffffL)) {
      return -Errno.ENAMETOOLONG;
    }
    query.putInt(80, name.length).putInt(84, 0);
    if (name.length > 0) {
      memory.writeBytes(query.getLong(88), name);
    }
    memory.writeBytes(argument, Arrays.copyOf(known, Math.min(size, SIZE)));
    return 0;
  }

  private static @Nullable Mapping find(String text, long address, long flags) {
    boolean orNext = (flags & OR_NEXT) != 0;
    int start = 0;
    while (start < text.length()) {
      int end = text.indexOf('\n', start);
      Mapping mapping = Mapping.parse(text.substring(start, end < 0 ? text.length() : end));
      start = end < 0 ? text.length() : end + 1;
      if (mapping == null || Long.compareUnsigned(mapping.end, address) <= 0) {
        continue;
      }
      boolean covers = Long.compareUnsigned(mapping.start, address) <= 0;
      if (mapping.matches(flags) && (covers || orNext)) {
        return mapping;
      }
      if (!orNext) {
        return null;
      }
    }
    return null;
  }

  private static void put(ByteBuffer query, Mapping found) {
    boolean file = found.hasFile();
    String[] fields = found.fields;
    int colon = fields[3].indexOf(':');
    query
        .putLong(24, found.start)
        .putLong(32, found.end)
        .putLong(40, found.access)
        .putLong(48, PAGE)
        .putLong(56, file ? Long.parseUnsignedLong(fields[2], 16) : 0)
        .putLong(64, Long.parseUnsignedLong(fields[4]))
        .putInt(72, Integer.parseInt(fields[3], 0, colon, 16))
        .putInt(76, Integer.parseInt(fields[3], colon + 1, fields[3].length(), 16));
  }
}
