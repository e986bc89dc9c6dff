package dev.skerry.gofer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.skerry.goferproto.Entry;
import dev.skerry.goferproto.Limits;
import dev.skerry.goferproto.RequestException;
import dev.skerry.goferproto.Response;
import dev.skerry.hostos.Host;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** How far a directory was listed. */
final class Listing {
  /** Raw entries of one response: each is larger than it becomes in the message. */
  static final int BYTES = 56 << 10;

  /** Offsets in struct linux_dirent64 (getdents64(2)). */
  private static final int RECORD_LENGTH = 16;

  private static final int TYPE = 18;
  private static final int NAME = 19;

  private final Handle directory;

  @GuardedBy("this")
  private int fd = -1;

  Listing(Handle directory) {
    this.directory = directory;
  }

  synchronized void end() {
    if (fd >= 0) {
      Host.os().close(fd);
      fd = -1;
    }
  }

  synchronized Response.Listing next(HostFiles files, boolean restart) throws RequestException {
    if (restart) {
      end();
      fd = files.reopen(directory, HostFiles.O_RDONLY | HostFiles.O_DIRECTORY);
    }
    List<Entry> entries = new ArrayList<>();
    if (fd < 0) {
      return new Response.Listing(entries, true);
    }
    int length = take(fd, new byte[BYTES], entries);
    boolean end =
        length == 0 || (length < BYTES / 2 && take(fd, new byte[BYTES / 2], entries) == 0);
    if (end) {
      end();
    }
    return new Response.Listing(entries, end);
  }

  /**
   * Lists a directory that was just opened.
   *
   * @param raw of {@link #BYTES} bytes
   * @return false if it has more names than a message can tell
   */
  static boolean takeAll(int fd, byte[] raw, List<Entry> entries) throws RequestException {
    int length = take(fd, raw, entries);
    return length == 0 || take(fd, raw, entries) == 0;
  }

  private static int take(int fd, byte[] raw, List<Entry> entries) throws RequestException {
    int length = HostFiles.check(Host.os().getdents64(fd, raw));
    int record = 0;
    while (record < length) {
      String name = name(raw, record + NAME);
      if (!name.equals(".") && !name.equals("..") && name.length() <= Limits.NAME) {
        entries.add(new Entry(name, number(raw, record), raw[record + TYPE]));
      }
      record +=
          Byte.toUnsignedInt(raw[record + RECORD_LENGTH])
              | Byte.toUnsignedInt(raw[record + RECORD_LENGTH + 1]) << 8;
    }
    return length;
  }

  private static long number(byte[] raw, int offset) {
    long value = 0;
    for (int i = Long.BYTES - 1; i >= 0; i--) {
      value = value << 8 | Byte.toUnsignedInt(raw[offset + i]);
    }
    return value;
  }

  private static String name(byte[] raw, int offset) {
    int end = offset;
    while (raw[end] != 0) {
      end++;
    }
    return new String(raw, offset, end - offset, StandardCharsets.ISO_8859_1);
  }
}
