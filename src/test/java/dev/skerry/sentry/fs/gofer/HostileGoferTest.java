package dev.skerry.sentry.fs.gofer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skerry.abi.Errno;
import dev.skerry.gofer.ServedDirectories;
import dev.skerry.gofer.SocketPair;
import dev.skerry.goferproto.Limits;
import dev.skerry.hostos.Host;
import dev.skerry.hostos.HostOs;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.vfs.Inode;
import dev.skerry.sentry.vfs.KernelMount;
import dev.skerry.sentry.vfs.OpenFlags;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A gofer that has been taken over, and changes which descriptors come with its answers. */
class HostileGoferTest {
  private static final int O_RDWR = 2;

  @TempDir Path directory;

  private final AtomicInteger losses = new AtomicInteger();
  private final List<Integer> opened = new ArrayList<>();
  private ServedDirectories gofer;
  private SocketPair between;

  @AfterEach
  void end() {
    if (gofer != null) {
      gofer.close();
      Host.os().close(between.sentry());
    }
    opened.forEach(Host.os()::close);
  }

  /** What the root of the served directory is, with every answer's descriptors changed. */
  private Inode attach(UnaryOperator<int[]> change) throws ErrnoException {
    gofer = new ServedDirectories(1, Limits.HANDLES, true, directory);
    between = SocketPair.make();
    int honest = gofer.channels()[0];
    Thread thread = new Thread(() -> relay(honest, between.gofer(), change));
    thread.setDaemon(true);
    thread.start();
    GoferConnection connection =
        new GoferConnection(new int[] {between.sentry()}, losses::incrementAndGet);
    return GoferFileSystem.attach(connection, 0, "9pfs-/", true, 77).root();
  }

  private static void relay(int honest, int sentry, UnaryOperator<int[]> change) {
    byte[] message = new byte[Limits.MESSAGE];
    int[] passed = new int[Limits.OPEN];
    long length;
    while ((length = Host.os().receiveMessage(sentry, message, passed)) > 0) {
      Host.os().sendMessage(honest, message, (int) length, passed, 0);
      length = Host.os().receiveMessage(honest, message, passed);
      int[] received = Arrays.stream(passed).filter(fd -> fd >= 0).toArray();
      int[] given = change.apply(received);
      Host.os().sendMessage(sentry, message, (int) length, given, given.length);
      for (int fd : received) {
        Host.os().close(fd);
      }
    }
    Host.os().close(sentry);
  }

  private int open(String path, int flags) {
    int fd = Host.os().openat2(HostOs.AT_FDCWD, path, flags, 0, 0);
    assertTrue(fd >= 0, path);
    opened.add(fd);
    return fd;
  }

  private static int errno(Inode file, int flags) {
    return assertThrows(
            ErrnoException.class,
            () -> file.open(new KernelMount(file.fileSystem(), 0).place("file", file), flags))
        .errno();
  }

  /** The connection ends, and with it the sandbox; the descriptor is not used, nor kept. */
  private void refused(int fd) throws IOException, ErrnoException {
    Files.writeString(directory.resolve("file"), "content");
    Inode root = attach(received -> received.length > 0 ? new int[] {fd} : received);
    Inode file = root.lookup("file");
    assertNotNull(file);
    long before = copies(fd);
    assertEquals(Errno.EIO, errno(file, OpenFlags.O_RDONLY));
    assertEquals(before, copies(fd));
    assertEquals(1, losses.get());
  }

  /** How many descriptors of this process lead to the same. */
  private static long copies(int fd) throws IOException {
    Path links = Path.of("/proc/self/fd");
    Path target = Files.readSymbolicLink(links.resolve(Integer.toString(fd)));
    long count = 0;
    try (var all = Files.newDirectoryStream(links)) {
      for (Path link : all) {
        count += leadsTo(link, target) ? 1 : 0;
      }
    }
    return count;
  }

  private static boolean leadsTo(Path link, Path target) throws IOException {
    try {
      return Files.readSymbolicLink(link).equals(target);
    } catch (NoSuchFileException closed) {
      return false;
    }
  }

  @Test
  void aFifo() throws Exception {
    String path = directory.resolve("fifo").toString();
    assertEquals(0, Host.os().mknodat(HostOs.AT_FDCWD, path, 010600, 0));
    refused(open(path, O_RDWR));
  }

  @Test
  void aDirectory() throws Exception {
    refused(open("/", OpenFlags.O_RDONLY));
  }

  @Test
  void aDevice() throws Exception {
    refused(open("/dev/zero", O_RDWR));
  }

  @Test
  void aSocket() throws Exception {
    SocketPair pair = SocketPair.make();
    opened.addAll(List.of(pair.sentry(), pair.gofer()));
    refused(pair.gofer());
  }

  @Test
  void oneMoreThanItSays() throws Exception {
    Files.writeString(directory.resolve("file"), "content");
    Inode root =
        attach(
            received -> received.length > 0 ? new int[] {received[0], received[0]} : new int[] {});
    assertEquals(Errno.EIO, errno(root.lookup("file"), OpenFlags.O_RDONLY));
    assertEquals(1, losses.get());
  }

  @Test
  void noneAtAll() throws Exception {
    Files.writeString(directory.resolve("file"), "content");
    Inode root = attach(received -> new int[] {});
    assertEquals(Errno.EIO, errno(root.lookup("file"), OpenFlags.O_RDONLY));
    assertEquals(1, losses.get());
  }

  /** It is not asked for any when a name is looked up. */
  @Test
  void oneThatNobodyAskedFor() throws Exception {
    Files.writeString(directory.resolve("file"), "content");
    int fd = open(directory.resolve("file").toString(), OpenFlags.O_RDONLY);
    assertEquals(
        Errno.EIO,
        assertThrows(ErrnoException.class, () -> attach(received -> new int[] {fd})).errno());
    assertEquals(1, losses.get());
  }
}
