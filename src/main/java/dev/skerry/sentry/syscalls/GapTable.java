package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.Task;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What guests asked for and did not get because the sentry does not have it: flags, commands and
 * options of calls that are there otherwise. Looks at calls that failed, so that the others cost
 * nothing. Its monitor guards all.
 */
final class GapTable {
  /** Kinds of gaps; all others together are one more for each call. */
  private static final int MOST = 512;

  private static final int MOST_TEXT = 64;
  private static final String OTHERS = "others";
  private static final int PAGE_MASK = 4095;

  /** CLONE_NEW* of clone(2). */
  private static final long NAMESPACES = 0x7e02_0080L;

  /** The group of a terminal's requests: that a file is no terminal is no gap. */
  private static final int TERMINAL_GROUP = 'T';

  private record Key(int number, String detail) {
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Key key && key.number == number && key.detail.equals(detail);
    }

    @Override
    public int hashCode() {
      return number * 31 + detail.hashCode();
    }
  }

  private static final class Row {
    final String program;
    long count;

    Row(String program) {
      this.program = program;
    }
  }

  private final Map<Key, Row> rows = new LinkedHashMap<>();

  /** Notes a gap; the detail may come from the guest. */
  synchronized void note(Task task, int number, String detail) {
    Key key = new Key(number, detail);
    Row row = rows.get(key);
    if (row == null && rows.size() >= MOST) {
      key = new Key(number, OTHERS);
      row = rows.get(key);
    }
    if (row == null) {
      row = new Row(task.comm());
      rows.put(key, row);
    }
    row.count++;
  }

  synchronized List<Dispatcher.Gap> report() {
    List<Dispatcher.Gap> all = new ArrayList<>(rows.size());
    rows.forEach(
        (key, row) ->
            all.add(
                new Dispatcher.Gap(
                    Syscall.name(key.number()), key.detail(), row.count, row.program)));
    return all;
  }

  /** A call has failed: notes it if that was for want of something. */
  void failed(Task task, int number, long[] args, int errno) {
    switch (number) {
      case Syscall.IOCTL -> {
        int request = (int) args[1];
        if (errno == Errno.ENOTTY && (request >> 8 & 0xff) != TERMINAL_GROUP) {
          note(task, number, hex("request", request));
        }
      }
      case Syscall.SOCKET, Syscall.SOCKETPAIR -> socket(task, number, args, errno);
      case Syscall.SETSOCKOPT, Syscall.GETSOCKOPT -> {
        if (errno == Errno.ENOPROTOOPT) {
          note(task, number, "level " + (int) args[1] + " option " + (int) args[2]);
        }
      }
      case Syscall.CLONE, Syscall.UNSHARE -> {
        long flags = args[0] & NAMESPACES;
        if (errno == Errno.EINVAL && flags != 0) {
          note(task, number, hex("flags", (int) flags));
        }
      }
      case Syscall.MOUNT -> {
        if (errno == Errno.ENODEV) {
          note(task, number, "type " + text(task, args[2]));
        }
      }
      case Syscall.MADVISE -> {
        if (errno == Errno.EINVAL && (args[0] & PAGE_MASK) == 0) {
          note(task, number, "advice " + (int) args[2]);
        }
      }
      case Syscall.FALLOCATE -> {
        if (errno == Errno.EOPNOTSUPP) {
          note(task, number, hex("mode", (int) args[1]));
        }
      }
      default -> {}
    }
  }

  private void socket(Task task, int number, long[] args, int errno) {
    if (errno == Errno.EAFNOSUPPORT) {
      note(task, number, "domain " + (int) args[0]);
    } else if (errno == Errno.EPROTONOSUPPORT || errno == Errno.ESOCKTNOSUPPORT) {
      int type = (int) args[1] & 0xf;
      note(
          task, number, "domain " + (int) args[0] + " type " + type + " protocol " + (int) args[2]);
    }
  }

  private static String hex(String what, int value) {
    return what + " 0x" + Integer.toHexString(value);
  }

  /** What a guest's string says, as far as it is printable. */
  private static String text(Task task, long address) {
    try {
      String name = task.memory().readString(address, MOST_TEXT);
      StringBuilder printable = new StringBuilder();
      for (int i = 0; i < name.length(); i++) {
        char one = name.charAt(i);
        printable.append(one > ' ' && one < 0x7f ? one : '?');
      }
      return printable.toString();
    } catch (ErrnoException e) {
      return "?";
    }
  }
}
