package dev.skerry.sentry.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skerry.abi.Errno;
import dev.skerry.control.ExitRecord;
import dev.skerry.control.SpoolFrame;
import dev.skerry.control.Verdict;
import dev.skerry.hostos.Host;
import dev.skerry.sentry.kernel.HostClock;
import dev.skerry.sentry.usermem.OutputSink;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SpoolTest {
  private static final int AT_FDCWD = -100;
  private static final int O_WRONLY = 1;

  private final int fd = Host.os().memfdCreate("spool", 0);
  private final List<String> troubles = new ArrayList<>();

  @AfterEach
  void close() {
    Host.os().close(fd);
  }

  private record Frame(int stream, long sequence, String text) {}

  private Spool spool(int target, long limit) {
    Spool spool = new Spool(target, new HostClock());
    spool.setLimit(limit, (verdict, reason) -> troubles.add(verdict + ": " + reason));
    return spool;
  }

  private static long write(OutputSink sink, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    return sink.write(bytes, 0, bytes.length);
  }

  private List<Frame> frames() {
    byte[] all = new byte[1 << 20];
    int length = (int) Host.os().pread(fd, all, 0, all.length, 0);
    ByteBuffer in = ByteBuffer.wrap(all, 0, length).order(ByteOrder.LITTLE_ENDIAN);
    List<Frame> frames = new ArrayList<>();
    int at = 0;
    while (at < length) {
      int size = in.getInt(at);
      String text = new String(all, at + SpoolFrame.HEADER, size, StandardCharsets.ISO_8859_1);
      frames.add(new Frame(in.get(at + 4), in.getLong(at + 5), text));
      at += SpoolFrame.HEADER + size;
    }
    return frames;
  }

  @Test
  void sequence() {
    Spool spool = spool(fd, 0);
    assertEquals(3, write(spool.sink(SpoolFrame.STDOUT), "one"));
    assertEquals(3, write(spool.sink(SpoolFrame.STDERR), "two"));
    spool.end(new ExitRecord(Verdict.EXITED, 0, 0, "", false, 0, 0));
    assertEquals(-Errno.EIO, write(spool.sink(SpoolFrame.STDOUT), "late"));
    List<Frame> frames = frames();
    assertEquals(3, frames.size());
    assertEquals(new Frame(SpoolFrame.STDOUT, 1, "one"), frames.get(0));
    assertEquals(new Frame(SpoolFrame.STDERR, 2, "two"), frames.get(1));
    assertEquals(SpoolFrame.EXIT, frames.get(2).stream());
    assertEquals(3, frames.get(2).sequence());
    assertEquals(List.of(), troubles);
  }

  /** Both streams count; what fits is kept, and the exit record comes all the same. */
  @Test
  void limit() {
    Spool spool = spool(fd, 5);
    assertEquals(3, write(spool.sink(SpoolFrame.STDOUT), "abc"));
    assertEquals(3, write(spool.sink(SpoolFrame.STDERR), "def"));
    assertEquals(-Errno.EIO, write(spool.sink(SpoolFrame.STDERR), "g"));
    spool.end(new ExitRecord(Verdict.OUTPUT_LIMIT, -1, 9, "", false, 0, 0));
    assertEquals("de", frames().get(1).text());
    assertEquals(3, frames().size());
    assertEquals(List.of("OUTPUT_LIMIT: more than 5 bytes of output"), troubles);
  }

  /** The frames of small pieces take more of the disk than what is in them. */
  @Test
  void smallPieces() {
    Spool spool = spool(fd, 100_000);
    OutputSink sink = spool.sink(SpoolFrame.STDOUT);
    int pieces = 0;
    while (write(sink, "x") == 1) {
      pieces++;
    }
    long taken = pieces * (SpoolFrame.HEADER + 1L);
    assertTrue(taken > SpoolFrame.mostBytes(100_000), () -> "only " + taken);
    assertTrue(taken <= SpoolFrame.mostBytes(100_000) + SpoolFrame.HEADER + 1, () -> "" + taken);
    assertEquals(1, troubles.size());
    assertTrue(troubles.getFirst().startsWith("OUTPUT_LIMIT: so many small pieces"));
  }

  @Test
  void aFullDisk() {
    int full = Host.os().openat2(AT_FDCWD, "/dev/full", O_WRONLY, 0, 0);
    assertTrue(full >= 0);
    Spool spool = spool(full, 0);
    assertEquals(-Errno.EIO, write(spool.sink(SpoolFrame.STDOUT), "x"));
    Host.os().close(full);
    assertEquals(List.of("DISK_QUOTA: the spool cannot be written: ENOSPC"), troubles);
  }

  @Test
  void aBrokenDescriptor() {
    Spool spool = spool(-1, 0);
    assertEquals(-Errno.EIO, write(spool.sink(SpoolFrame.STDOUT), "x"));
    assertEquals(List.of("INFRA_ERROR: the spool cannot be written: EBADF"), troubles);
  }
}
