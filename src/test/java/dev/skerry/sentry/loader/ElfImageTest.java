package dev.skerry.sentry.loader;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.fs.dev.MemoryDevices;
import dev.skerry.sentry.fs.pipe.Fifos;
import dev.skerry.sentry.fs.tmpfs.TmpfsFileSystem;
import dev.skerry.sentry.fs.tmpfs.TmpfsOptions;
import dev.skerry.sentry.usermem.UserMemory;
import dev.skerry.sentry.vfs.DeviceTable;
import dev.skerry.sentry.vfs.MemoryAccount;
import dev.skerry.sentry.vfs.VfsPath;
import dev.skerry.sentry.vfs.VirtualFileSystem;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The parser of headers against real programs, cut ones, and ones that somebody has tampered with.
 */
class ElfImageTest {
  private static final Path PROGRAM = Path.of("/bin/true");
  private static final int HEADER = 64;
  private static final int ROUNDS = 40_000;

  private static VfsPath place;
  private static byte[] program;

  @BeforeAll
  static void read() throws IOException, ErrnoException {
    DeviceTable devices = new DeviceTable(Fifos::open);
    MemoryDevices.register(devices);
    VirtualFileSystem vfs = new VirtualFileSystem(devices);
    place =
        vfs.createNamespace(
                new TmpfsFileSystem(TmpfsOptions.ofMode(0755), MemoryAccount.ofBytes(1 << 20)), 0)
            .root();
    program = Files.readAllBytes(PROGRAM);
  }

  private static ElfImage parse(byte[] content) throws ErrnoException {
    return ElfImage.read(BytesFile.executable(content, place), Errno.ENOEXEC);
  }

  /** Whatever is in the file: an image whose figures hold, or an error number. */
  private static void survives(byte[] content, String what) {
    for (int wrong : new int[] {Errno.ENOEXEC, Errno.ELIBBAD}) {
      try {
        ElfImage image = ElfImage.read(BytesFile.executable(content, place), wrong);
        if (image.isSane(UserMemory.END)) {
          assertTrue(image.start() >= 0 && image.start() <= image.end(), what);
          assertTrue(image.end() <= UserMemory.END, what);
        }
        assertEquals(1, Long.bitCount(image.alignment()), what);
      } catch (ErrnoException e) {
        assertTrue(e.errno() > 0, what);
      } catch (RuntimeException e) {
        throw new AssertionError(what, e);
      }
    }
  }

  @Test
  void aRealProgram() throws ErrnoException {
    ElfImage image = parse(program);
    assertTrue(image.isPositionIndependent());
    assertEquals("/lib64/ld-linux-x86-64.so.2", image.interpreter());
    assertEquals(HEADER, image.headers());
    assertTrue(image.isSane(UserMemory.END));
    assertTrue(image.segments().size() >= 2);
  }

  @Test
  void everyTruncation() {
    int most = Math.min(program.length, 6000);
    for (int length = 0; length < most; length++) {
      survives(Arrays.copyOf(program, length), "cut at " + length);
    }
  }

  @Test
  void aShortProgramIsNone() {
    byte[] head = Arrays.copyOf(program, 20);
    ErrnoException e = assertThrows(ErrnoException.class, () -> parse(head));
    assertEquals(Errno.ENOEXEC, e.errno());
  }

  @Test
  void randomChanges() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    int area = Math.min(program.length, 1024);
    byte[] small = Arrays.copyOf(program, Math.min(program.length, 8192));
    for (int round = 0; round < ROUNDS; round++) {
      byte[] changed = small.clone();
      for (int left = 1 + random.nextInt(6); left > 0; left--) {
        change(changed, area, random);
      }
      survives(changed, "seed " + seed + ", round " + round);
    }
  }

  /** A bit, a byte, or a word with one of the values that break arithmetic. */
  private static void change(byte[] target, int area, Random random) {
    long[] extremes = {
      0,
      1,
      -1,
      Long.MAX_VALUE,
      Long.MIN_VALUE,
      1L << 47,
      Integer.MAX_VALUE,
      0xffff_ffffL,
      Long.MAX_VALUE - 10,
      (1L << 47) - 4096
    };
    switch (random.nextInt(4)) {
      case 0 -> target[random.nextInt(area)] ^= (byte) (1 << random.nextInt(8));
      case 1 -> target[random.nextInt(area)] = (byte) random.nextInt();
      case 2 ->
          put(target, random.nextInt(area / 8) * 8, extremes[random.nextInt(extremes.length)]);
      default -> put(target, random.nextInt(area / 8) * 8, random.nextLong());
    }
  }

  private static void put(byte[] target, int at, long value) {
    ByteBuffer.wrap(target).order(ByteOrder.LITTLE_ENDIAN).putLong(at, value);
  }

  /** Where the table of headers is said to lie, near the end of what a long can say. */
  @Test
  void offsetsThatOverflow() {
    for (long offset : new long[] {Long.MAX_VALUE, Long.MAX_VALUE - 100, -1, Long.MIN_VALUE}) {
      byte[] changed = program.clone();
      put(changed, 32, offset);
      ErrnoException e = assertThrows(ErrnoException.class, () -> parse(changed));
      assertEquals(Errno.ENOEXEC, e.errno());
    }
  }
}
