package dev.skerry.sentry.fs.tmpfs;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.vfs.MemoryAccount;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * The extended attributes of one file (xattr(7)). Not thread-safe. Linux: fs/xattr.c, simple_xattr.
 */
final class Xattrs {
  private static final int XATTR_CREATE = 1;
  private static final int XATTR_REPLACE = 2;
  private static final int MOST_VALUE_BYTES = 65536;
  private static final int OVERHEAD_BYTES = 128;

  private final TreeMap<String, byte[]> values = new TreeMap<>();
  private long bytes;

  /** EOPNOTSUPP for a class of attributes that is not kept here. */
  static void checkName(String name) throws ErrnoException {
    if (!name.startsWith("user.")
        && !name.startsWith("trusted.")
        && !name.startsWith("security.")) {
      throw ErrnoException.of(Errno.EOPNOTSUPP);
    }
  }

  byte[] get(String name) throws ErrnoException {
    byte[] value = values.get(name);
    if (value == null) {
      throw ErrnoException.of(Errno.ENODATA);
    }
    return value.clone();
  }

  void set(String name, byte[] value, int flags) throws ErrnoException {
    byte[] old = values.get(name);
    if (old != null && (flags & XATTR_CREATE) != 0) {
      throw ErrnoException.of(Errno.EEXIST);
    }
    if (old == null && (flags & XATTR_REPLACE) != 0) {
      throw ErrnoException.of(Errno.ENODATA);
    }
    if (value.length > MOST_VALUE_BYTES) {
      throw ErrnoException.of(Errno.E2BIG);
    }
    if (!MemoryAccount.RECORDS.takeAll(cost(name, value))) {
      throw ErrnoException.of(Errno.ENOSPC);
    }
    bytes += cost(name, value);
    if (old != null) {
      give(cost(name, old));
    }
    values.put(name, value.clone());
  }

  void remove(String name) throws ErrnoException {
    byte[] old = values.remove(name);
    if (old == null) {
      throw ErrnoException.of(Errno.ENODATA);
    }
    give(cost(name, old));
  }

  List<String> names() {
    return new ArrayList<>(values.keySet());
  }

  void free() {
    values.clear();
    give(bytes);
  }

  private void give(long amount) {
    bytes -= amount;
    MemoryAccount.RECORDS.give(amount);
  }

  private static long cost(String name, byte[] value) {
    return OVERHEAD_BYTES + name.length() + (long) value.length;
  }
}
