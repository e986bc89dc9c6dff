package dev.skerry.sentry.boot;

import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.usermem.ArrayBuffer;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.OpenFlags;
import dev.skerry.sentry.vfs.Origin;
import dev.skerry.sentry.vfs.VirtualFileSystem;
import java.nio.charset.StandardCharsets;

/** Looks a user's home directory up in the container's own /etc/passwd (passwd(5)). */
final class HomeDirectory {
  private static final String NONE = "/";
  private static final int FIRST_BYTES = 4 << 10;
  private static final int MOST_BYTES = 256 << 10;
  private static final int UID = 2;
  private static final int HOME = 5;
  private static final int FIELDS = 7;

  private HomeDirectory() {}

  static String of(VirtualFileSystem vfs, Origin origin, int uid) {
    String number = Integer.toUnsignedString(uid);
    for (String line : read(vfs, origin).split("\n")) {
      String[] fields = line.split(":", -1);
      if (fields.length == FIELDS && fields[UID].equals(number) && !fields[HOME].isEmpty()) {
        return fields[HOME];
      }
    }
    return NONE;
  }

  /** The file's text; empty if there is none. */
  private static String read(VirtualFileSystem vfs, Origin origin) {
    OpenFileDescription file;
    try {
      int flags = OpenFlags.O_RDONLY | OpenFlags.O_NONBLOCK;
      file = vfs.open(origin, null, "/etc/passwd", flags, 0, 0);
    } catch (ErrnoException e) {
      return "";
    }
    try {
      int size = FIRST_BYTES;
      while (true) {
        byte[] bytes = new byte[size];
        ArrayBuffer buffer = new ArrayBuffer(bytes);
        file.pread(buffer, 0);
        if (buffer.position() < size || size == MOST_BYTES) {
          return new String(bytes, 0, buffer.position(), StandardCharsets.ISO_8859_1);
        }
        size = Math.min(4 * size, MOST_BYTES);
      }
    } finally {
      file.drop();
    }
  }
}
