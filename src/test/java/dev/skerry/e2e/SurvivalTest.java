package dev.skerry.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Processes are killed at the worst moment; nothing is lost that should stay, nothing stays that
 * should go.
 */
class SurvivalTest {
  private static final Duration GONE = Duration.ofSeconds(2);
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

  private static void assertGone(String id) throws IOException {
    boolean gone = Waiting.until(GONE, () -> Leftovers.of(service, id).isEmpty());
    assertTrue(gone, () -> describe(id));
  }

  private static String describe(String id) {
    try {
      return Leftovers.of(service, id).toString();
    } catch (IOException e) {
      return e.toString();
    }
  }

  @Test
  void aRunOutlivesTheService() throws Exception {
    String id =
        Run.begin(
            service,
            SandboxRequest.shell("for i in $(seq 1 40); do echo line $i; sleep 0.1; done; exit 7"));
    try (StdioSocket socket = StdioSocket.open(service, id)) {
      assertTrue(socket.sees("line 3", SOON));
      service.kill();
    }
    service.restart();
    try (StdioSocket socket = StdioSocket.open(service, id)) {
      socket.awaitClose(SOON);
      StringBuilder expected = new StringBuilder();
      for (int i = 1; i <= 40; i++) {
        expected.append("line ").append(i).append('\n');
      }
      assertEquals(expected.toString(), socket.text(1));
      Run run = Run.end(service, id, socket);
      assertEquals("exited", run.verdict());
      assertEquals(7, run.status());
    }
    assertGone(id);
  }

  /** It ends while nobody looks. */
  @Test
  void aRunEndsWithoutTheService() throws Exception {
    String id =
        Run.begin(service, SandboxRequest.shell("echo before; sleep 0.5; echo after; exit 5"));
    try (StdioSocket socket = StdioSocket.open(service, id)) {
      assertTrue(socket.sees("before", SOON));
    }
    service.kill();
    boolean gone = Waiting.until(SOON, () -> Leftovers.processes(service.stateOf(id)).isEmpty());
    assertTrue(gone);
    service.restart();
    assertEquals(5, Run.await(service, id, 10).getInt("exit.exitCode"));
    try (StdioSocket socket = StdioSocket.open(service, id)) {
      socket.awaitClose(SOON);
      assertEquals("before\nafter\n", socket.text(1));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"dev.skerry.sentry.boot.Main", "dev.skerry.gofer.Main", "monitor", "init"})
  void aPartIsKilled(String part) throws Exception {
    String id = Run.begin(service, SandboxRequest.shell("echo begun; sleep 100 & sleep 100"));
    try (StdioSocket socket = StdioSocket.open(service, id)) {
      assertTrue(socket.sees("begun", SOON));
    }
    signal(part.startsWith("dev.") ? partOf(id, part) : named(id, part), "-KILL");
    assertEquals("infra_error", Run.await(service, id, 10).getString("exit.verdict"), part);
    assertGone(id);
    assertTrue(Files.exists(service.stateOf(id).resolve("spool")));
    service.request().delete("/v1/sandboxes/" + id).then().statusCode(204);
  }

  private static long partOf(String id, String main) throws IOException {
    return Leftovers.process(service.stateOf(id), main);
  }

  private static long named(String id, String name) throws IOException {
    for (String line : Files.readAllLines(service.stateOf(id).resolve("pids"))) {
      if (line.startsWith(name + "=")) {
        return Long.parseLong(line.substring(name.length() + 1));
      }
    }
    throw new IOException("no " + name);
  }

  private static void signal(long pid, String signal) throws IOException, InterruptedException {
    assertEquals(0, new ProcessBuilder("kill", signal, Long.toString(pid)).start().waitFor());
  }

  @Test
  void oneAfterAnother() throws Exception {
    for (int i = 0; i < 50; i++) {
      Run run = Run.of(service, SandboxRequest.of("/bin/echo", "run " + i));
      assertEquals("run " + i + "\n", run.text());
      assertEquals(0, run.status());
      assertGone(run.id());
      service.request().delete("/v1/sandboxes/" + run.id()).then().statusCode(204);
    }
  }

  @Test
  void tenAtOnce() throws Exception {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      ids.add(Run.begin(service, SandboxRequest.shell("read x; echo " + i + "; exit " + i)));
    }
    List<StdioSocket> sockets = new ArrayList<>();
    for (String id : ids) {
      sockets.add(StdioSocket.open(service, id));
    }
    for (int i = 0; i < 10; i++) {
      sockets.get(i).type("\n");
    }
    for (int i = 0; i < 10; i++) {
      sockets.get(i).awaitClose(SOON);
      Run run = Run.end(service, ids.get(i), sockets.get(i));
      assertEquals(i + "\n", run.text());
      assertEquals(i, run.status());
      sockets.get(i).close();
    }
    for (String id : ids) {
      assertGone(id);
      service.request().delete("/v1/sandboxes/" + id).then().statusCode(204);
    }
  }
}
