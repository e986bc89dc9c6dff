package dev.skerry.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.restassured.path.json.JsonPath;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Guests that want too much, or what is not theirs; another sandbox stays well meanwhile. */
class LimitsTest {
  private static final Duration SOON = Duration.ofSeconds(20);

  private static ServiceProcess service;

  @BeforeAll
  static void start() throws IOException {
    service = ServiceProcess.start();
  }

  @AfterAll
  static void end() throws IOException, InterruptedException {
    service.close();
  }

  /** Runs it to its end, and sees that a neighbour answers all the while. */
  private static JsonPath besideANeighbour(SandboxRequest request) throws Exception {
    String neighbour = Run.begin(service, SandboxRequest.of("/bin/cat"));
    try (StdioSocket socket = StdioSocket.open(service, neighbour)) {
      socket.type("before\n");
      assertTrue(socket.sees("before", SOON));
      String id = Run.begin(service, request);
      JsonPath ended = null;
      for (int i = 0;
          i < 30 && (ended == null || !ended.getString("state").equals("stopped"));
          i++) {
        ended = Run.await(service, id, 1);
        socket.type("round " + i + "\n");
        assertTrue(socket.sees("round " + i, SOON));
      }
      socket.endInput();
      socket.awaitClose(SOON);
      assertEquals(0, Run.resource(service, neighbour).getInt("exit.exitCode"));
      assertTrue(
          Waiting.until(Duration.ofSeconds(2), () -> Leftovers.of(service, id).isEmpty()),
          Leftovers.of(service, id).toString());
      return ended;
    }
  }

  @Test
  void anEndlessLoop() throws Exception {
    JsonPath ended = besideANeighbour(SandboxRequest.shell("while :; do :; done").wallTimeout(2));
    assertEquals("wall_timeout", ended.getString("exit.verdict"));
  }

  @Test
  void aForkBomb() throws Exception {
    JsonPath ended =
        besideANeighbour(
            SandboxRequest.shell("f() { f | f & }; f; sleep 100").tasks(64).wallTimeout(4));
    assertEquals("wall_timeout", ended.getString("exit.verdict"));
  }

  @Test
  void aMemoryHog() throws Exception {
    JsonPath ended =
        besideANeighbour(
            SandboxRequest.of("python3", "-c", "x = bytearray(1 << 30); print(len(x))")
                .memory(200 << 20)
                .wallTimeout(30));
    assertEquals("oom", ended.getString("exit.verdict"));
  }

  /** What lies in memory files counts too. */
  @Test
  void aFullTmpfs() throws Exception {
    Run run =
        Run.of(
            service,
            SandboxRequest.shell("head -c 50000000 /dev/zero > /small/file; echo $?; ls -s /small")
                .mount("/small", "tmpfs", "tmpfs", "size=1m")
                .wallTimeout(30));
    assertEquals("1\ntotal 1024\n1024 file\n", run.text(), run.errorText());
  }

  @Test
  void tooMuchOutput() throws Exception {
    Run run =
        Run.of(
            service, SandboxRequest.of("yes").field("outputLimitBytes", 100_000).wallTimeout(30));
    assertEquals("output_limit", run.verdict());
    assertTrue(run.output().length <= 100_000);
    assertTrue(run.output().length >= 50_000);
  }
}
