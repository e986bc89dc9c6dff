package dev.skerry.sentry.fs.gofer;

import dev.skerry.abi.Errno;
import dev.skerry.goferproto.Limits;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.vfs.Inode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Which extended attributes the gofer serves: those of the {@code user} namespace, which only
 * regular files and directories have (xattr(7)). About the others the sentry knows enough without
 * asking.
 */
final class UserXattrs {
  private static final String PREFIX = "user.";

  private UserXattrs() {}

  static boolean mayHave(Inode inode) {
    return inode.isRegular() || inode.isDirectory();
  }

  static boolean isServed(Inode inode, String name) {
    return mayHave(inode) && name.startsWith(PREFIX) && name.length() <= Limits.NAME;
  }

  /** The error for an attribute that no file here has. */
  static int absence(String name) {
    boolean known =
        name.startsWith(PREFIX) || name.startsWith("security.") || name.startsWith("trusted.");
    return known ? Errno.ENODATA : Errno.EOPNOTSUPP;
  }

  static void requireSettable(Inode inode, String name, byte[] value) throws ErrnoException {
    if (!isServed(inode, name)) {
      throw ErrnoException.of(absence(name) == Errno.ENODATA ? Errno.EPERM : Errno.EOPNOTSUPP);
    }
    if (value.length > Limits.XATTR) {
      throw ErrnoException.of(Errno.E2BIG);
    }
  }

  /**
   * @param list names with a NUL after each
   */
  static List<String> names(byte[] list) {
    List<String> names = new ArrayList<>();
    int start = 0;
    for (int i = 0; i < list.length; i++) {
      if (list[i] == 0) {
        String name = new String(list, start, i - start, StandardCharsets.ISO_8859_1);
        if (name.startsWith(PREFIX)) {
          names.add(name);
        }
        start = i + 1;
      }
    }
    return names;
  }
}
