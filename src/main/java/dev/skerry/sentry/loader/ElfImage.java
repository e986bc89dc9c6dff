package dev.skerry.sentry.loader;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The headers of a 64-bit ELF file for x86-64 (elf(5)).
 *
 * @param entry as in the file, without the load address
 * @param headers where the program headers will be in memory, likewise; 0 if they are not loaded
 * @param interpreter the path of the dynamic linker, or null
 */
record ElfImage(
    boolean isPositionIndependent,
    long entry,
    long headers,
    int headerCount,
    List<Segment> segments,
    @Nullable String interpreter,
    boolean wantsExecutableStack) {

  static final int PAGE = 4096;
  static final int PROGRAM_HEADER_SIZE = 56;

  private static final int HEADER_SIZE = 64;
  private static final int ET_EXEC = 2;
  private static final int ET_DYN = 3;
  private static final int EM_X86_64 = 62;
  private static final int PT_LOAD = 1;
  private static final int PT_INTERP = 3;
  private static final int PT_GNU_STACK = 0x6474e551;
  private static final int PF_X = 1;
  private static final int PF_W = 2;
  private static final int PF_R = 4;
  private static final int PATH_MAX = 4096;
  private static final int MOST_HEADERS = 65536 / PROGRAM_HEADER_SIZE;

  /**
   * A PT_LOAD segment.
   *
   * @param protection PROT_ bits of mmap(2)
   */
  record Segment(
      long offset, long address, long fileSize, long memorySize, int protection, long alignment) {
    long end() {
      return address + memorySize;
    }

    boolean isWritable() {
      return (protection & 2) != 0;
    }
  }

  /** Whether the file claims to be ELF at all. */
  static boolean isElf(byte[] head) {
    return head[0] == 0x7f && head[1] == 'E' && head[2] == 'L' && head[3] == 'F';
  }

  /**
   * Reads and checks the headers.
   *
   * @param wrong the error for a file that is not a program of this machine's: ENOEXEC for a
   *     program, ELIBBAD for an interpreter
   */
  static ElfImage read(ExecutableFile file, int wrong) throws ErrnoException {
    // A program that is too short has zeros behind; an interpreter is read anew (load_elf_binary).
    boolean isProgram = wrong == Errno.ENOEXEC;
    byte[] head = isProgram ? file.head() : file.read(0, HEADER_SIZE);
    ByteBuffer header = little(head);
    int type = header.getShort(16);
    boolean fits =
        isElf(head)
            && (type == ET_EXEC || type == ET_DYN)
            && header.getShort(18) == EM_X86_64
            && header.getShort(54) == PROGRAM_HEADER_SIZE;
    int count = header.getShort(56) & 0xffff;
    if (!fits || count == 0 || count > MOST_HEADERS) {
      throw ErrnoException.of(wrong);
    }
    long offset = header.getLong(32);
    ByteBuffer table;
    try {
      table = little(file.read(offset, count * PROGRAM_HEADER_SIZE));
    } catch (ErrnoException e) {
      throw ErrnoException.of(wrong);
    }
    return parse(file, type == ET_DYN, header.getLong(24), offset, table, wrong);
  }

  private static ByteBuffer little(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static ElfImage parse(
      ExecutableFile file,
      boolean dynamic,
      long entry,
      long tableOffset,
      ByteBuffer table,
      int wrong)
      throws ErrnoException {
    int count = table.capacity() / PROGRAM_HEADER_SIZE;
    List<Segment> segments = new ArrayList<>(count);
    String interpreter = null;
    boolean executableStack = false;
    long headers = 0;
    for (int i = 0; i < count; i++) {
      int at = i * PROGRAM_HEADER_SIZE;
      int flags = table.getInt(at + 4);
      switch (table.getInt(at)) {
        case PT_LOAD -> {
          Segment segment = segment(table, at, flags);
          segments.add(segment);
          long within = tableOffset - segment.offset();
          if (within >= 0 && within < segment.fileSize()) {
            headers = segment.address() + within;
          }
        }
        case PT_INTERP -> {
          if (interpreter == null) {
            interpreter = interpreter(file, table.getLong(at + 8), table.getLong(at + 32));
          }
        }
        case PT_GNU_STACK -> executableStack = (flags & PF_X) != 0;
        default -> {}
      }
    }
    if (segments.isEmpty()) {
      throw ErrnoException.of(wrong);
    }
    return new ElfImage(dynamic, entry, headers, count, segments, interpreter, executableStack);
  }

  private static Segment segment(ByteBuffer table, int at, int flags) {
    int protection =
        ((flags & PF_R) != 0 ? 1 : 0)
            | ((flags & PF_W) != 0 ? 2 : 0)
            | ((flags & PF_X) != 0 ? 4 : 0);
    return new Segment(
        table.getLong(at + 8),
        table.getLong(at + 16),
        table.getLong(at + 32),
        table.getLong(at + 40),
        protection,
        table.getLong(at + 48));
  }

  private static String interpreter(ExecutableFile file, long offset, long size)
      throws ErrnoException {
    if (size < 2 || size > PATH_MAX) {
      throw ErrnoException.of(Errno.ENOEXEC);
    }
    byte[] name = file.read(offset, (int) size);
    if (name[name.length - 1] != 0) {
      throw ErrnoException.of(Errno.ENOEXEC);
    }
    int length = 0;
    while (name[length] != 0) {
      length++;
    }
    // No name is one of the working directory (do_open_execat).
    return length == 0 ? "." : new String(name, 0, length, StandardCharsets.ISO_8859_1);
  }

  /** The first page that the image covers. */
  long start() {
    long start = Long.MAX_VALUE;
    for (Segment segment : segments) {
      start = Math.min(start, segment.address());
    }
    return start & -PAGE;
  }

  /** The first byte after the image. */
  long end() {
    long end = 0;
    for (Segment segment : segments) {
      end = Math.max(end, segment.end());
    }
    return end;
  }

  /** The largest power of two that a segment asks its address to be a multiple of. */
  long alignment() {
    long most = PAGE;
    for (Segment segment : segments) {
      long wanted = segment.alignment();
      if (wanted > most && Long.bitCount(wanted) == 1) {
        most = wanted;
      }
    }
    return most;
  }

  /** Whether the sizes and addresses are in order, as far as the sentry relies on it. */
  boolean isSane(long mostAddress) {
    long start = start();
    for (Segment segment : segments) {
      boolean sane =
          segment.address() >= start
              && segment.address() < mostAddress
              && segment.fileSize() >= 0
              && segment.memorySize() >= segment.fileSize()
              && segment.memorySize() <= mostAddress - segment.address();
      if (!sane) {
        return false;
      }
    }
    return start >= 0;
  }
}
