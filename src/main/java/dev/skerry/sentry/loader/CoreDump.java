package dev.skerry.sentry.loader;

import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.Rlimits;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.usermem.ArrayBuffer;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.OpenFlags;
import dev.skerry.sentry.vfs.Stat;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes a dying process's core file (core(5)), usually "core" in its working directory: an ELF
 * file with the registers of all threads, that which the signal struck first, and what the program
 * had changed of its memory. Linux: fs/coredump.c, elf_core_dump() of fs/binfmt_elf.c.
 */
public final class CoreDump {
  private static final int OWNER_ONLY = 0600;
  private static final int S_IFMT = 0170000;
  private static final int S_IFREG = 0100000;

  /** The most that is written, whatever the limit says: the sentry does nothing else meanwhile. */
  private static final long MOST = 512L << 20;

  /** The file's header has 16 bits for the number. */
  private static final int MOST_SEGMENTS = 0xfff0;

  private static final int CHUNK = 1 << 16;
  private static final int PAGE = 4096;

  // The bits of coredump_filter.
  private static final int ANONYMOUS_PRIVATE = 1;
  private static final int ANONYMOUS_SHARED = 2;
  private static final int MAPPED_PRIVATE = 4;
  private static final int MAPPED_SHARED = 8;
  private static final int ELF_HEADERS = 16;
  private static final int ELF_HEADER = 64;
  private static final int PROGRAM_HEADER = 56;
  private static final int ET_CORE = 4;
  private static final int EM_X86_64 = 62;
  private static final int PT_LOAD = 1;
  private static final int PT_NOTE = 4;
  private static final byte[] IDENT = {0x7f, 'E', 'L', 'F', 2, 1, 1};

  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  /**
   * A piece of memory.
   *
   * @param flags PF_R, PF_W, PF_X
   * @param dumped how much of it is written, in bytes
   */
  private record Segment(long start, long end, int flags, long dumped) {
    Segment without() {
      return new Segment(start, end, flags, 0);
    }

    Segment whole() {
      return (flags & 4) == 0 ? this : new Segment(start, end, flags, end - start);
    }
  }

  private final CoreSource source;
  private final Task task;
  private final OpenFileDescription file;
  private final long limit;

  private CoreDump(CoreSource source, OpenFileDescription file) {
    this.source = source;
    this.task = source.task();
    this.file = file;
    long soft = task.group().limits().soft(Rlimits.CORE);
    this.limit = Long.compareUnsigned(soft, MOST) < 0 ? soft : MOST;
  }

  /** As {@link dev.skerry.sentry.kernel.CoreDumper#dump}. */
  public static boolean dump(CoreSource source) {
    Task task = source.task();
    int flags = OpenFlags.O_RDWR | OpenFlags.O_CREAT | OpenFlags.O_NOFOLLOW;
    try {
      OpenFileDescription file =
          task.kernel()
              .vfs()
              .open(
                  task.fs().origin(task.credentials()),
                  null,
                  CorePattern.name(task, source.reason()),
                  flags,
                  OWNER_ONLY,
                  0);
      try {
        Stat stat = file.stat();
        boolean fit =
            (stat.mode() & S_IFMT) == S_IFREG
                && stat.nlink() == 1
                && stat.uid() == task.credentials().fsuid();
        if (!fit || file.truncate(0) < 0) {
          return false;
        }
        new CoreDump(source, file).write();
        return true;
      } finally {
        file.drop();
      }
    } catch (ErrnoException e) {
      return false;
    }
  }

  private void write() {
    List<Segment> segments =
        segments(
            task.mm().smaps(task.thread().hostTid(), task.fs().root()), task.mm().dumpFilter());
    String maps = task.mm().maps(task.thread().hostTid(), task.fs().root());
    byte[] notes = CoreNotes.of(source, CoreFiles.of(maps));
    int headers = ELF_HEADER + PROGRAM_HEADER * (segments.size() + 1);
    long data = (headers + (long) notes.length + PAGE - 1) & -PAGE;
    byte[] head = new byte[headers + notes.length];
    putElfHeader(head, segments.size() + 1);
    putProgramHeader(head, ELF_HEADER, PT_NOTE, 0, headers, new Segment(0, 0, 0, notes.length), 4);
    long at = data;
    for (int i = 0; i < segments.size(); i++) {
      Segment segment = segments.get(i);
      int place = ELF_HEADER + PROGRAM_HEADER * (i + 1);
      putProgramHeader(head, place, PT_LOAD, segment.flags(), at, segment, PAGE);
      at += segment.dumped();
    }
    System.arraycopy(notes, 0, head, headers, notes.length);
    if (!put(head, head.length, 0)) {
      return;
    }
    at = data;
    for (Segment segment : segments) {
      if (!putMemory(segment, at)) {
        return;
      }
      at += segment.dumped();
    }
    if (at <= limit) {
      file.truncate(at);
    }
  }

  private static void putElfHeader(byte[] head, int count) {
    System.arraycopy(IDENT, 0, head, 0, IDENT.length);
    SHORT.set(head, 16, (short) ET_CORE);
    SHORT.set(head, 18, (short) EM_X86_64);
    INT.set(head, 20, 1);
    LONG.set(head, 32, (long) ELF_HEADER);
    SHORT.set(head, 52, (short) ELF_HEADER);
    SHORT.set(head, 54, (short) PROGRAM_HEADER);
    SHORT.set(head, 56, (short) count);
  }

  private static void putProgramHeader(
      byte[] head, int place, int type, int flags, long offset, Segment segment, int alignment) {
    INT.set(head, place, type);
    INT.set(head, place + 4, flags);
    LONG.set(head, place + 8, offset);
    LONG.set(head, place + 16, segment.start());
    LONG.set(head, place + 32, segment.dumped());
    LONG.set(head, place + 40, segment.end() - segment.start());
    LONG.set(head, place + 48, (long) alignment);
  }

  /** What /proc/PID/smaps lists, with what of it is kept. */
  private static List<Segment> segments(String smaps, int filter) {
    List<Segment> all = new ArrayList<>();
    for (String line : smaps.split("\n")) {
      if (isLeftOut(line) && !all.isEmpty()) {
        all.addLast(all.removeLast().without());
        continue;
      }
      if (isWritten(line) && (filter & ANONYMOUS_PRIVATE) != 0 && !all.isEmpty()) {
        all.addLast(all.removeLast().whole());
        continue;
      }
      int dash = line.indexOf('-');
      int space = line.indexOf(' ');
      if (dash <= 0 || space < dash || line.length() < space + 5) {
        continue;
      }
      if (all.size() == MOST_SEGMENTS) {
        break;
      }
      long start = Long.parseUnsignedLong(line, 0, dash, 16);
      long end = Long.parseUnsignedLong(line, dash + 1, space, 16);
      if (start < 0) {
        // The page of the old fast calls.
        continue;
      }
      String rights = line.substring(space + 1, space + 5);
      int flags =
          (rights.charAt(0) == 'r' ? 4 : 0)
              | (rights.charAt(1) == 'w' ? 2 : 0)
              | (rights.charAt(2) == 'x' ? 1 : 0);
      all.add(new Segment(start, end, flags, worth(line, rights, end - start, filter)));
    }
    return all;
  }

  /** Whether a mapping has pages of its own, those that relocation has written among them. */
  private static boolean isWritten(String line) {
    return line.startsWith("Anonymous:") && !line.endsWith(" 0 kB");
  }

  /** Whether the flags of a mapping say that it is not to be written (MADV_DONTDUMP). */
  private static boolean isLeftOut(String line) {
    return line.startsWith("VmFlags:") && line.indexOf(" dd ") >= 0;
  }

  /**
   * How much of a mapping is written (Linux: vma_dump_size()).
   *
   * @param filter the bits of coredump_filter (core(5))
   */
  private static long worth(String line, String rights, long size, int filter) {
    if (rights.charAt(0) != 'r' || line.endsWith("[vvar]") || line.endsWith("[vvar_vclock]")) {
      return 0;
    }
    if (line.endsWith("[vdso]")) {
      return size;
    }
    boolean ofFile = line.indexOf('/') >= 0;
    if (rights.charAt(3) == 's') {
      boolean nameless = line.endsWith(" (deleted)");
      return (filter & (nameless ? ANONYMOUS_SHARED : MAPPED_SHARED)) != 0 ? size : 0;
    }
    boolean changed = !ofFile || rights.charAt(1) == 'w';
    if (changed && (filter & ANONYMOUS_PRIVATE) != 0) {
      return size;
    }
    if (!ofFile) {
      return 0;
    }
    if ((filter & MAPPED_PRIVATE) != 0) {
      return size;
    }
    // The beginning of a program tells debuggers which one it is.
    boolean beginning = line.indexOf(" 00000000 ") >= 0;
    return beginning && (filter & ELF_HEADERS) != 0 ? PAGE : 0;
  }

  private boolean putMemory(Segment segment, long position) {
    byte[] chunk = new byte[CHUNK];
    for (long done = 0; done < segment.dumped(); done += CHUNK) {
      int part = (int) Math.min(CHUNK, segment.dumped() - done);
      int got = task.memory().copyInPartly(segment.start() + done, chunk, 0, part);
      // What is not there, or zero, becomes a hole.
      if (got > 0 && !isZero(chunk, got) && !put(chunk, got, position + done)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isZero(byte[] bytes, int length) {
    for (int i = 0; i < length; i++) {
      if (bytes[i] != 0) {
        return false;
      }
    }
    return true;
  }

  /** Returns false at the limit, and when nothing more can be written. */
  private boolean put(byte[] bytes, int length, long position) {
    int part = (int) Math.min(length, Math.max(0, limit - position));
    ArrayBuffer source = new ArrayBuffer(bytes, 0, part);
    while (source.remaining() > 0) {
      if (file.pwrite(source, position + source.position()) <= 0) {
        return false;
      }
    }
    return part == length;
  }
}
