package dev.skerry.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What a sandbox tells of what it does not have; and what its control socket does with strangers.
 */
class CompatibilityTest {
  private static ServiceProcess service;

  @BeforeAll
  static void start() throws IOException {
    service = ServiceProcess.start();
  }

  @AfterAll
  static void end() throws IOException, InterruptedException {
    service.close();
  }

  /** Not only calls, also commands and options of calls: each once, with its count and program. */
  @Test
  void partsOfCallsThatAreMissing() throws Exception {
    String script =
        """
        import ctypes, fcntl, os, socket
        libc = ctypes.CDLL(None)
        for i in range(3): libc.prctl(999, 0, 0, 0, 0)
        for domain in (39, 39):
            try: socket.socket(domain, socket.SOCK_STREAM)
            except OSError as e: pass
        try: fcntl.ioctl(os.open('/dev/null', os.O_RDONLY), 0xdead, 0)
        except OSError: pass
        try: fcntl.fcntl(0, 777, 0)
        except OSError: pass
        libc.mount(b'none', b'/mnt', b'ext4\\n', 0, None)
        libc.isatty(0)
        """;
    Run run =
        Run.of(
            service,
            SandboxRequest.of("python3", "-c", script).capabilities(List.of("CAP_SYS_ADMIN")));
    assertEquals(0, run.status(), run.errorText());
    assertGap(run, "prctl", "option 999", 3);
    assertGap(run, "socket", "domain 39", 2);
    assertGap(run, "ioctl", "request 0xdead", 1);
    assertGap(run, "fcntl", "command 777", 1);
    assertGap(run, "mount", "type ext4?", 1);
  }

  private static void assertGap(Run run, String call, String detail, int count) {
    List<Map<String, Object>> gaps = run.resource().getList("compatibility");
    Map<String, Object> found = null;
    for (Map<String, Object> gap : gaps) {
      found = call.equals(gap.get("call")) && detail.equals(gap.get("detail")) ? gap : found;
    }
    assertNotNull(found, call + " " + detail + " in " + gaps);
    assertEquals(count, ((Number) found.get("count")).intValue());
    assertTrue(String.valueOf(found.get("program")).startsWith("python3"), found.toString());
  }

  /** Whoever sends no message of ours is cut off, and nothing else happens. */
  @Test
  void garbageOnTheControlSocket() throws Exception {
    String id = Run.begin(service, SandboxRequest.of("/bin/cat"));
    Path socket = service.stateOf(id).resolve("control.sock");
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < 40; round++) {
      byte[] noise = new byte[1 + random.nextInt(200)];
      random.nextBytes(noise);
      ByteBuffer message = ByteBuffer.wrap(noise);
      if (round % 2 == 0 && noise.length > 8) {
        // A length that can be believed, so that the rest is looked at; no kind above 40 is there.
        message
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt(0, noise.length - 4)
            .put(4, (byte) (41 + round));
      } else if (noise.length > 3) {
        noise[3] = (byte) 0x7f;
      }
      try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
        channel.write(message.rewind());
        if (noise.length > 3) {
          assertClosed(channel, "seed " + seed + ", round " + round);
        }
      }
    }
    try (StdioSocket stdio = StdioSocket.open(service, id)) {
      stdio.endInput();
      stdio.awaitClose(Duration.ofSeconds(30));
    }
    assertEquals("exited", Run.await(service, id, 30).getString("exit.verdict"));
  }

  private static void assertClosed(SocketChannel channel, String what) throws IOException {
    ByteBuffer greeting = ByteBuffer.allocate(4096);
    int length = 0;
    while (length >= 0 && greeting.hasRemaining()) {
      try {
        length = channel.read(greeting);
      } catch (IOException reset) {
        return;
      }
    }
    assertTrue(length < 0, what);
  }
}
