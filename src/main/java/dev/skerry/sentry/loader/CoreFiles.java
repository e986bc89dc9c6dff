package dev.skerry.sentry.loader;

import java.io.ByteArrayOutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Which files are mapped where, for a core file (Linux: fill_files_note() of fs/coredump.c). */
final class CoreFiles {
  private static final int PAGE = 4096;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  /** A mapping of a file. */
  private record Mapped(long start, long end, long offset, String name) {}

  private CoreFiles() {}

  /**
   * The content of the note.
   *
   * @param maps as /proc/PID/maps lists them
   */
  static byte[] of(String maps) {
    List<Mapped> files = new ArrayList<>();
    for (String line : maps.split("\n")) {
      int name = line.indexOf('/');
      if (name > 0) {
        files.add(parse(line, name));
      }
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    putLongs(out, files.size(), PAGE);
    for (Mapped file : files) {
      putLongs(out, file.start(), file.end(), file.offset() / PAGE);
    }
    for (Mapped file : files) {
      out.writeBytes(file.name().getBytes(StandardCharsets.ISO_8859_1));
      out.write(0);
    }
    return out.toByteArray();
  }

  private static Mapped parse(String line, int name) {
    int dash = line.indexOf('-');
    int space = line.indexOf(' ');
    int offset = line.indexOf(' ', space + 1) + 1;
    return new Mapped(
        Long.parseUnsignedLong(line, 0, dash, 16),
        Long.parseUnsignedLong(line, dash + 1, space, 16),
        Long.parseUnsignedLong(line, offset, line.indexOf(' ', offset), 16),
        line.substring(name));
  }

  private static void putLongs(ByteArrayOutputStream out, long... values) {
    byte[] bytes = new byte[values.length * Long.BYTES];
    for (int i = 0; i < values.length; i++) {
      LONG.set(bytes, i * Long.BYTES, values[i]);
    }
    out.writeBytes(bytes);
  }
}
