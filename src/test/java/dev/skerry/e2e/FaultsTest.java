package dev.skerry.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.restassured.path.json.JsonPath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Bugs of the sentry, put into it for the purpose: its sandbox ends and says why, and nothing else
 * is touched. So do logs and spools that grow as only a sentry that was taken over would let them.
 */
class FaultsTest {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final Duration GONE = Duration.ofSeconds(10);
  private static final String CALLS = "dev.skerry.sentry.syscalls.";
  private static final Map<String, String> SETTINGS =
      Map.of("SKERRY_ROOTFS_HOST", "true", "SKERRY_SANDBOX_WATCHDOG", "1s");

  private static ServiceProcess service;

  @TempDir static Path directory;

  private static FaultyHome home;

  @BeforeAll
  static void start() throws IOException {
    home =
        new FaultyHome(directory.resolve("home"))
            .throwing(CALLS + "SchedulingSyscalls", "getpriority", IllegalStateException.class)
            .throwing(CALLS + "SystemSyscalls", "sysinfo", StackOverflowError.class)
            .throwing("dev.skerry.sentry.boot.ObjectCounts", "of", IllegalStateException.class)
            .throwing("dev.skerry.sentry.time.IntervalTimer", "expire", IllegalStateException.class)
            .endless(CALLS + "TimerSyscalls", "alarm");
    service = ServiceProcess.start(SETTINGS, home.directory());
  }

  @AfterAll
  static void end() throws IOException, InterruptedException {
    if (service != null) {
      service.close();
    }
  }

  private static String log(String id) throws IOException {
    return Files.readString(service.stateOf(id).resolve("log"));
  }

  /** Something befalls a sandbox, beside another one that goes on, and that the service serves. */
  private static JsonPath besideANeighbour(Callable<String> misfortune) throws Exception {
    String neighbour = Run.begin(service, SandboxRequest.of("/bin/cat"));
    try (StdioSocket socket = StdioSocket.open(service, neighbour)) {
      String id = misfortune.call();
      JsonPath ended = Run.await(service, id, 20);
      assertEquals("stopped", ended.getString("state"));
      assertTrue(
          Waiting.until(GONE, () -> Leftovers.of(service, id).isEmpty()),
          () -> "left over of " + id);
      socket.type("still here\n");
      assertTrue(socket.sees("still here", SOON));
      socket.endInput();
      socket.awaitClose(SOON);
      assertEquals("exited", Run.resource(service, neighbour).getString("exit.verdict"));
      return ended;
    }
  }

  private static void endsWith(JsonPath ended, String reason, String logged) throws IOException {
    assertEquals("infra_error", ended.getString("exit.verdict"));
    String said = ended.getString("exit.reason");
    assertTrue(said.contains(reason), said);
    String log = log(ended.getString("id"));
    assertTrue(log.contains(logged), log);
  }

  @Test
  void anExceptionInACall() throws Exception {
    JsonPath ended =
        besideANeighbour(() -> Run.begin(service, SandboxRequest.shell("nice; sleep 100")));
    endsWith(ended, "injected into getpriority", "SchedulingSyscalls.getpriority");
  }

  @Test
  void anErrorInACall() throws Exception {
    JsonPath ended =
        besideANeighbour(() -> Run.begin(service, SandboxRequest.of("busybox", "free")));
    endsWith(ended, "injected into sysinfo", "SystemSyscalls.sysinfo");
  }

  @Test
  void anExceptionOfATimer() throws Exception {
    String script = "use Time::HiRes; Time::HiRes::ualarm(1000); sleep 100";
    JsonPath ended =
        besideANeighbour(() -> Run.begin(service, SandboxRequest.of("perl", "-e", script)));
    endsWith(ended, "injected into expire", "IntervalTimer.expire");
  }

  @Test
  void anExceptionInARequest() throws Exception {
    JsonPath ended =
        besideANeighbour(
            () -> {
              String id = Run.begin(service, SandboxRequest.of("sleep", "100"));
              int status = service.request().get("/v1/sandboxes/" + id + "/objects").statusCode();
              assertTrue(status >= 500, () -> "status " + status);
              return id;
            });
    endsWith(ended, "injected into of", "ObjectCounts.of");
  }

  /** A call that is never done is told of; the rest of its sandbox goes on. */
  @Test
  void aCallThatIsNeverDone() throws Exception {
    String id =
        Run.begin(
            service, SandboxRequest.shell("perl -e 'alarm 1' & while read x; do echo $x; done"));
    try (StdioSocket socket = StdioSocket.open(service, id)) {
      assertTrue(Waiting.until(SOON, () -> log(id).contains("watchdog: ")), () -> "not noticed");
      String log = log(id);
      assertTrue(log.contains("has served one thing for more than 1 s"), log);
      assertTrue(log.contains("TimerSyscalls.alarm"), log);
      socket.type("and yet\n");
      assertTrue(socket.sees("and yet", SOON));
    }
    service.request().queryParam("force", true).delete("/v1/sandboxes/" + id);
    assertTrue(Waiting.until(GONE, () -> Leftovers.of(service, id).isEmpty()));
  }

  /** The same, where the operator wants such sandboxes to end. */
  @Test
  void aCallThatIsNeverDoneEndsItsSandbox() throws Exception {
    ServiceProcess lenient = service;
    Map<String, String> settings = new java.util.HashMap<>(SETTINGS);
    settings.put("SKERRY_SANDBOX_WATCHDOG_ENDS", "true");
    service = ServiceProcess.start(settings, home.directory());
    try {
      JsonPath ended =
          besideANeighbour(() -> Run.begin(service, SandboxRequest.of("perl", "-e", "alarm 1")));
      endsWith(ended, "is stuck in the sentry", "TimerSyscalls.alarm");
    } finally {
      service.close();
      service = lenient;
    }
  }

  @Test
  void aLogBeyondAllBounds() throws Exception {
    endsWith(overgrown("log", 300L << 20), "its log grows beyond all bounds", "");
  }

  @Test
  void aSpoolBeyondAllBounds() throws Exception {
    JsonPath ended = overgrown("spool", 4L << 20);
    endsWith(ended, "its spool grows beyond all bounds", "");
    // What it said before is kept, and nothing of what followed.
    try (StdioSocket socket = StdioSocket.open(service, ended.getString("id"))) {
      socket.awaitClose(SOON);
      assertEquals("begun\n", socket.text(1));
    }
  }

  private static JsonPath overgrown(String file, long size) throws Exception {
    return besideANeighbour(
        () -> {
          String id =
              Run.begin(
                  service,
                  SandboxRequest.shell("echo begun; sleep 100").field("outputLimitBytes", 10_000));
          try (StdioSocket socket = StdioSocket.open(service, id)) {
            assertTrue(socket.sees("begun", SOON));
          }
          try (var grown =
              new java.io.RandomAccessFile(service.stateOf(id).resolve(file).toFile(), "rw")) {
            grown.setLength(size);
          }
          return id;
        });
  }
}
