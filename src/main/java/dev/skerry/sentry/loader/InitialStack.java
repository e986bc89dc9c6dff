package dev.skerry.sentry.loader;

import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.auth.UserNamespace;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What a program finds on its stack: argument count, arguments, environment, auxiliary vector, and
 * the strings that they point to (System V ABI, AMD64 supplement, 3.4.1).
 */
final class InitialStack {
  private static final byte[] PLATFORM = "x86_64\0".getBytes(StandardCharsets.ISO_8859_1);
  private static final int CLOCK_TICKS = 100;
  private static final int MOST_VECTOR = 22 * 2;

  private final long address;
  private final byte[] bytes;
  private final byte[] vector;
  private final long argStart;
  private final long envStart;
  private final long envEnd;

  /**
   * Lays it out.
   *
   * @param top the first address above it
   * @param where the images are
   */
  InitialStack(long top, PreparedProgram program, Credentials who, HostVector host, Images where) {
    StringBlock argv = program.arguments().argv();
    StringBlock envp = program.arguments().envp();
    byte[] name = (program.name() + '\0').getBytes(StandardCharsets.ISO_8859_1);
    long nameAt = top - name.length;
    envEnd = nameAt;
    envStart = envEnd - envp.size();
    argStart = envStart - argv.size();
    long platformAt = argStart - PLATFORM.length;
    long randomAt = (platformAt - host.random().length) & -16;
    vector = vector(program, who, host, where, nameAt, platformAt, randomAt);
    long words = 1 + (argv.count() + 1L) + (envp.count() + 1L);
    address = (randomAt - vector.length - words * Long.BYTES) & -16;
    bytes = new byte[(int) (top - address)];
    ByteBuffer out = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    out.putLong(argv.count());
    putPointers(out, argv, argStart);
    putPointers(out, envp, envStart);
    out.put(vector);
    copy(host.random(), randomAt);
    copy(PLATFORM, platformAt);
    argv.copyTo(bytes, (int) (argStart - address));
    envp.copyTo(bytes, (int) (envStart - address));
    copy(name, nameAt);
  }

  private static void putPointers(ByteBuffer out, StringBlock block, long start) {
    int offset = 0;
    for (int i = 0; i < block.count(); i++) {
      out.putLong(start + offset);
      offset = block.next(offset);
    }
    out.putLong(0);
  }

  private void copy(byte[] source, long to) {
    System.arraycopy(source, 0, bytes, (int) (to - address), source.length);
  }

  private static byte[] vector(
      PreparedProgram program,
      Credentials who,
      HostVector host,
      Images where,
      long nameAt,
      long platformAt,
      long randomAt) {
    boolean secure = who.uid() != who.euid() || who.gid() != who.egid();
    UserNamespace ids = who.userNamespace();
    ElfImage image = program.image();
    long headers = image.headers() == 0 ? 0 : image.headers() + where.bias();
    long[] pairs = {
      HostVector.AT_SYSINFO_EHDR,
      host.get(HostVector.AT_SYSINFO_EHDR),
      HostVector.AT_HWCAP,
      host.get(HostVector.AT_HWCAP),
      HostVector.AT_PAGESZ,
      ElfImage.PAGE,
      HostVector.AT_CLKTCK,
      CLOCK_TICKS,
      HostVector.AT_PHDR,
      headers,
      HostVector.AT_PHENT,
      ElfImage.PROGRAM_HEADER_SIZE,
      HostVector.AT_PHNUM,
      image.headerCount(),
      HostVector.AT_BASE,
      where.interpreterBias(),
      HostVector.AT_FLAGS,
      0,
      HostVector.AT_ENTRY,
      image.entry() + where.bias(),
      HostVector.AT_UID,
      ids.shownUid(who.uid()),
      HostVector.AT_EUID,
      ids.shownUid(who.euid()),
      HostVector.AT_GID,
      ids.shownGid(who.gid()),
      HostVector.AT_EGID,
      ids.shownGid(who.egid()),
      HostVector.AT_SECURE,
      secure ? 1 : 0,
      HostVector.AT_RANDOM,
      randomAt,
      HostVector.AT_HWCAP2,
      host.get(HostVector.AT_HWCAP2),
      HostVector.AT_EXECFN,
      nameAt,
      HostVector.AT_PLATFORM,
      platformAt,
      HostVector.AT_MINSIGSTKSZ,
      host.get(HostVector.AT_MINSIGSTKSZ),
      HostVector.AT_NULL,
      0,
    };
    ByteBuffer out = ByteBuffer.allocate(MOST_VECTOR * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < pairs.length; i += 2) {
      boolean absent = pairs[i] == HostVector.AT_SYSINFO_EHDR && pairs[i + 1] == 0;
      if (!absent) {
        out.putLong(pairs[i]).putLong(pairs[i + 1]);
      }
    }
    return Arrays.copyOf(out.array(), out.position());
  }

  /** The stack pointer that the program starts with. */
  long address() {
    return address;
  }

  /** All that belongs there and above. */
  byte[] bytes() {
    return bytes;
  }

  byte[] auxiliaryVector() {
    return vector;
  }

  long argStart() {
    return argStart;
  }

  long envStart() {
    return envStart;
  }

  long envEnd() {
    return envEnd;
  }
}
