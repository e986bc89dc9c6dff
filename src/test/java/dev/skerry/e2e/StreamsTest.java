package dev.skerry.e2e;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Standard streams: both subprotocols, resumption, much output, much input, terminals. */
class StreamsTest {
  private static final int LARGE = 16 << 20;
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final Duration LATER = Duration.ofMinutes(2);

  private static ServiceProcess service;

  @BeforeAll
  static void start() throws IOException {
    service = ServiceProcess.start();
  }

  @AfterAll
  static void end() throws IOException, InterruptedException {
    service.close();
  }

  @Test
  void outputAndErrorsApart() throws Exception {
    Run run = Run.of(service, SandboxRequest.shell("echo out; echo err >&2; exit 3"));
    assertEquals("out\n", run.text());
    assertEquals("err\n", run.errorText());
    assertEquals("exited", run.verdict());
    assertEquals(3, run.status());
  }

  @Test
  void theKubernetesSubprotocol() throws Exception {
    String id = Run.begin(service, SandboxRequest.shell("cat; echo err >&2; exit 4"));
    try (StdioSocket socket = StdioSocket.open(service, id, StdioSocket.KUBERNETES, 0, true)) {
      socket.type("through");
      socket.endInput();
      socket.awaitClose(SOON);
      assertEquals("through", socket.text(1));
      assertEquals("err\n", socket.text(2));
      String status = socket.text(3);
      assertTrue(status.contains("\"Failure\"") && status.contains("\"4\""), status);
    }
  }

  @Test
  void inputThatIsOpenedAgainNeedNotBeWaitedFor() throws Exception {
    String again = "dd if=/proc/self/fd/0 iflag=nonblock count=1 status=none";
    String script = again + " 2>/dev/null; echo first $?; read x; " + again + "; echo second $?";
    String id = Run.begin(service, SandboxRequest.shell(script));
    try (StdioSocket socket = StdioSocket.open(service, id)) {
      assertTrue(socket.sees("first 1", SOON));
      socket.type("line\nthe rest\n");
      assertTrue(socket.sees("second 0", SOON));
      assertTrue(socket.text(1).contains("the rest\n"), socket.text(1));
      socket.awaitClose(SOON);
    }
  }

  @Test
  void aClientThatDropsMissesNothing() throws Exception {
    String id =
        Run.begin(
            service,
            SandboxRequest.shell("for i in 1 2 3 4 5 6; do echo line $i; read x; done; echo end"));
    long seen;
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    try (StdioSocket socket = StdioSocket.open(service, id)) {
      assertTrue(socket.sees("line 1", SOON));
      socket.type("\n");
      assertTrue(socket.sees("line 2", SOON));
      List<StdioSocket.Frame> frames = socket.frames();
      seen = frames.getLast().sequence();
      all.writeBytes(socket.bytes(1));
    }
    try (StdioSocket socket = StdioSocket.open(service, id, StdioSocket.SKERRY, seen, true)) {
      socket.type("\n\n\n\n\n");
      socket.awaitClose(SOON);
      all.writeBytes(socket.bytes(1));
      assertEquals(seen + 1, socket.frames().getFirst().sequence());
    }
    assertEquals(
        "line 1\nline 2\nline 3\nline 4\nline 5\nline 6\nend\n",
        all.toString(StandardCharsets.UTF_8));
    try (StdioSocket socket = StdioSocket.open(service, id)) {
      socket.awaitClose(SOON);
      assertArrayEquals(all.toByteArray(), socket.bytes(1));
      long next = 1;
      for (StdioSocket.Frame frame : socket.frames()) {
        assertEquals(next++, frame.sequence());
      }
    }
  }

  @Test
  void muchOutputToASlowReader() throws Exception {
    String id =
        Run.begin(service, SandboxRequest.shell("head -c " + LARGE + " /dev/zero | tr '\\0' 'x'"));
    long before = residentBytes(service.pid());
    try (StdioSocket socket = StdioSocket.open(service, id, StdioSocket.SKERRY, 0, false)) {
      socket.ask(1);
      Run.await(service, id, 60);
      long during = residentBytes(service.pid());
      assertTrue(during - before < 100 << 20, "grew by " + (during - before));
      Thread.sleep(200);
      socket.ask(Integer.MAX_VALUE);
      socket.awaitClose(LATER);
      byte[] output = socket.bytes(1);
      assertEquals(LARGE, output.length);
      for (byte b : output) {
        assertEquals('x', b);
      }
    }
  }

  private static long residentBytes(long pid) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) << 10;
      }
    }
    throw new IOException("no VmRSS");
  }

  @Test
  void muchInput() throws Exception {
    byte[] data = new byte[LARGE];
    new Random(7).nextBytes(data);
    String id = Run.begin(service, SandboxRequest.of("sha256sum"));
    try (StdioSocket socket = StdioSocket.open(service, id)) {
      for (int at = 0; at < data.length; at += 60_000) {
        socket.send(0, Arrays.copyOfRange(data, at, Math.min(data.length, at + 60_000)));
      }
      socket.endInput();
      socket.awaitClose(LATER);
      String sum = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(data));
      assertEquals(sum + "  -\n", socket.text(1));
    }
  }

  /**
   * The client still sends when the run ends: it gets all the same every byte and an orderly close.
   */
  @Test
  void inputThatComesTooLate() throws Exception {
    byte[] much = new byte[60_000];
    for (int round = 0; round < 10; round++) {
      String id =
          Run.begin(service, SandboxRequest.shell("head -c 100000 | wc -c; seq 2000; exit 3"));
      try (StdioSocket socket = StdioSocket.open(service, id)) {
        boolean open = true;
        while (open) {
          open = socket.sendIfOpen(0, much);
        }
        assertEquals(1000, socket.awaitClose(SOON));
        assertTrue(socket.text(1).startsWith("100000\n1\n2\n"), socket.text(1));
        assertTrue(socket.text(1).endsWith("\n1999\n2000\n"));
        assertTrue(socket.text(3).contains("\"exitCode\":3"), socket.text(3));
      }
    }
  }

  @Test
  void severalWatchers() throws Exception {
    String id = Run.begin(service, SandboxRequest.shell("read x; echo $x"));
    try (StdioSocket one = StdioSocket.open(service, id);
        StdioSocket two = StdioSocket.open(service, id)) {
      two.type("shared\n");
      one.awaitClose(SOON);
      two.awaitClose(SOON);
      assertEquals("shared\n", one.text(1));
      assertEquals("shared\n", two.text(1));
    }
  }

  /** C71, C79: job control as a user has it. */
  @Test
  void aTerminalWithJobControl() throws Exception {
    String id =
        Run.begin(
            service,
            SandboxRequest.of("/bin/bash", "--norc", "-i")
                .environment("TERM=xterm", "PS1=ready$ ")
                .terminal(31, 97));
    try (StdioSocket socket = StdioSocket.open(service, id)) {
      assertTrue(socket.sees("ready$ ", SOON), socket.text(1));
      socket.type("stty size\r");
      assertTrue(socket.sees("31 97", SOON), socket.text(1));
      socket.send(4, "{\"Width\":120,\"Height\":40}".getBytes(StandardCharsets.UTF_8));
      socket.type("stty size\r");
      assertTrue(socket.sees("40 120", SOON), socket.text(1));
      socket.type("sleep 100\r");
      Thread.sleep(300);
      socket.type("\032");
      assertTrue(socket.sees("Stopped", SOON), socket.text(1));
      socket.type("jobs; bg; jobs\r");
      assertTrue(socket.sees("Running", SOON), socket.text(1));
      socket.type("fg\r");
      Thread.sleep(300);
      socket.type("\003");
      socket.type("echo status $?\r");
      assertTrue(socket.sees("status 130", SOON), socket.text(1));
      socket.type("exit 9\r");
      socket.awaitClose(SOON);
      assertEquals(9, Run.end(service, id, socket).status());
    }
  }
}
