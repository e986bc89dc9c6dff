package dev.skerry.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Mixed load in one sandbox, {@code src/test/soak}, for ten minutes or as many as the environment
 * variable SKERRY_SOAK_MINUTES says. After each round nothing runs but the shell, and the sentry
 * must keep as much as after the first rounds.
 */
@Tag("long")
class SoakTest {
  private static final Path SOURCES = Path.of("src/test/soak");
  private static final Duration ROUND = Duration.ofMinutes(5);

  /** Rounds until everything has been loaded, compiled and cached once. */
  private static final int WARM = 3;

  /**
   * What a cache with a bound of its own keeps: names that were looked up, and the files behind
   * them, which the random names of temporary files make more for a while; each with its bound.
   */
  private static final Map<String, Long> CACHES =
      Map.of(
          "dentries", 32_768L,
          "goferInodes", 32_768L,
          "donatedFiles", 2_048L,
          "hostDescriptors", 4_096L);

  /** The heap that full caches of names take (DentryCache). */
  private static final long CACHED_BYTES = 24L << 20;

  /** Heap that was committed for a burst, code that was compiled, thread stacks. */
  private static final long MEMORY_SLACK = 64L << 20;

  private static ServiceProcess service;
  private static String root;

  @TempDir static Path programs;

  @BeforeAll
  static void start() throws Exception {
    assumeTrue("root".equals(System.getProperty("user.name")), "only root can make a root");
    root = output("src/test/rootfs/debian.sh").strip();
    compile();
    service =
        ServiceProcess.start(
            Map.of("SKERRY_ROOTFS_DIRECTORIES", Path.of(root).getParent() + ",/tmp"));
  }

  @AfterAll
  static void end() throws IOException, InterruptedException {
    if (service != null) {
      service.close();
    }
  }

  private static void compile() throws Exception {
    List<String> command = new ArrayList<>(List.of("gcc", "-std=gnu11", "-D_GNU_SOURCE", "-O1"));
    command.addAll(List.of("-static", "-pthread", "-o", programs.resolve("load").toString()));
    try (Stream<Path> sources = Files.list(SOURCES)) {
      sources
          .map(Path::toString)
          .filter(name -> name.endsWith(".c"))
          .sorted()
          .forEach(command::add);
    }
    output(command.toArray(new String[0]));
    Files.copy(
        SOURCES.resolve("round.sh"),
        programs.resolve("round.sh"),
        StandardCopyOption.COPY_ATTRIBUTES);
  }

  private static String output(String... command) throws Exception {
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), () -> String.join(" ", command));
    return output;
  }

  @Test
  void nothingIsKept() throws Exception {
    long seconds = 60 * Long.parseLong(System.getenv().getOrDefault("SKERRY_SOAK_MINUTES", "10"));
    SandboxRequest request =
        SandboxRequest.of("/opt/round.sh", Long.toString(seconds))
            .directory(root, true)
            .mount("/opt", "bind", programs.toString(), "ro")
            .wallTimeout((int) seconds + 600);
    String id = Run.begin(service, request);
    List<Map<String, Long>> samples = new ArrayList<>();
    try (StdioSocket socket = StdioSocket.open(service, id)) {
      while (awaitRound(socket, id, samples.size() + 1)) {
        samples.add(sample(id));
        System.out.println("soak, round " + samples.size() + ": " + samples.getLast());
      }
      socket.awaitClose(ROUND);
      Run run = Run.end(service, id, socket);
      assertEquals(0, run.status(), run.text() + run.errorText());
      assertEquals(quietLines(samples.size()), run.text(), run.errorText());
    }
    assertTrue(samples.size() > WARM, () -> samples.size() + " rounds only");
    Map<String, String> grown = grown(samples.get(WARM - 1), samples.getLast());
    assertTrue(grown.isEmpty(), grown::toString);
  }

  private static boolean awaitRound(StdioSocket socket, String id, int number) {
    return Waiting.until(
            ROUND,
            () ->
                socket.text(1).contains("quiet " + number + "\n")
                    || "stopped".equals(Run.resource(service, id).getString("state")))
        && socket.text(1).contains("quiet " + number + "\n")
        && !"stopped".equals(Run.resource(service, id).getString("state"));
  }

  private static String quietLines(int rounds) {
    StringBuilder text = new StringBuilder();
    for (int i = 1; i <= rounds; i++) {
      text.append("quiet ").append(i).append('\n');
    }
    return text.toString();
  }

  /** What the sentry keeps, and what it and the gofer take of the host. */
  private static Map<String, Long> sample(String id) throws Exception {
    objects(id);
    // What the collector has found is given up by the next look-ups.
    Thread.sleep(500);
    Map<String, Long> counts = objects(id);
    for (long pid : Leftovers.processes(service.stateOf(id))) {
      Path process = Path.of("/proc", Long.toString(pid));
      String command = Files.readString(process.resolve("cmdline"));
      for (String role : List.of("sentry", "gofer")) {
        if (command.contains("\0dev.skerry." + (role.equals("sentry") ? "sentry.boot" : role))) {
          counts.put(role + "PssBytes", pss(process));
          counts.put(role + "Descriptors", count(process));
        }
      }
    }
    return counts;
  }

  private static Map<String, Long> objects(String id) {
    Map<String, Number> counts =
        service
            .request()
            .queryParam("collect", true)
            .get("/v1/sandboxes/" + id + "/objects")
            .jsonPath()
            .getMap("counts");
    Map<String, Long> rows = new TreeMap<>();
    counts.forEach((name, count) -> rows.put(name, count.longValue()));
    return rows;
  }

  private static long pss(Path process) throws IOException {
    for (String line : Files.readAllLines(process.resolve("smaps_rollup"))) {
      if (line.startsWith("Pss:")) {
        return 1024 * Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    throw new IllegalStateException("no Pss of " + process);
  }

  private static long count(Path process) throws IOException {
    try (Stream<Path> descriptors = Files.list(process.resolve("fd"))) {
      return descriptors.count();
    }
  }

  /** The counts that are not as they were, but for caches and memory within their bounds. */
  private static Map<String, String> grown(Map<String, Long> early, Map<String, Long> late) {
    Map<String, String> grown = new LinkedHashMap<>();
    late.forEach(
        (name, count) -> {
          long before = early.getOrDefault(name, 0L);
          if (count > most(name, before) || (isExact(name) && count != before)) {
            grown.put(name, before + " -> " + count);
          }
        });
    return grown;
  }

  private static boolean isExact(String name) {
    return !name.endsWith("Bytes") && !name.endsWith("Descriptors") && !CACHES.containsKey(name);
  }

  private static long most(String name, long before) {
    return switch (name) {
      case "heapBytes" -> before + CACHED_BYTES;
      case "sentryPssBytes", "goferPssBytes", "heapCommittedBytes" -> before + MEMORY_SLACK;
      case "recordBytes", "slabBytes" -> before;
      case "sentryDescriptors", "goferDescriptors" -> CACHES.get("dentries");
      default -> CACHES.getOrDefault(name, Long.MAX_VALUE);
    };
  }
}
