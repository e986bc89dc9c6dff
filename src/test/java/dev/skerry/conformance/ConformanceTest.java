package dev.skerry.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skerry.e2e.Run;
import dev.skerry.e2e.SandboxRequest;
import dev.skerry.e2e.ServiceProcess;
import dev.skerry.e2e.Waiting;
import dev.skerry.sentry.auth.Capability;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every program prints the same natively and in a sandbox, but for what gaps.txt says. */
class ConformanceTest {
  private static final int LIMIT_SECONDS = 60;
  private static final Path WORK =
      Path.of("/tmp/skerry-conformance-" + ProcessHandle.current().pid());

  private static ServiceProcess service;
  private static Gaps gaps;
  private static List<String> capabilities;

  @BeforeAll
  static void start() throws Exception {
    service = ServiceProcess.start();
    gaps = Gaps.load();
    capabilities = ownCapabilities();
  }

  @AfterAll
  static void end() throws IOException, InterruptedException {
    service.close();
    Files.deleteIfExists(WORK);
  }

  /** A root of the sandbox may do what the native run's root may, no more. */
  private static List<String> ownCapabilities() throws ReflectiveOperationException, IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("CapEff:")) {
        long set = Long.parseUnsignedLong(line.substring(7).strip(), 16);
        List<String> names = new ArrayList<>();
        for (Field field : Capability.class.getFields()) {
          if (field.getType() == int.class && (set >>> field.getInt(null) & 1) != 0) {
            names.add("CAP_" + field.getName());
          }
        }
        return names;
      }
    }
    throw new AssertionError("no CapEff");
  }

  @TestFactory
  Stream<DynamicTest> programs() throws IOException {
    String only = System.getProperty("program");
    return Programs.names().stream()
        .filter(name -> only == null || name.matches(only))
        .map(name -> DynamicTest.dynamicTest(name, () -> compare(name)));
  }

  @Test
  void everyGapHasItsProgram() throws IOException {
    List<String> names = Programs.names();
    gaps.programs().forEach(name -> assertTrue(names.contains(name), name));
  }

  private void compare(String name) throws Exception {
    Path program = Programs.build(name);
    Path directory = freshDirectory(name);
    try {
      String expected = natively(program, directory);
      Waiting.deleteTree(directory);
      freshDirectory(name);
      String actual = inSandbox(program, directory);
      assertEquals(gaps.differenceOf(name), LineDiff.of(expected, actual), "difference of " + name);
    } finally {
      Waiting.deleteTree(directory);
    }
  }

  /** Empty, and the same one each time: its name is in some results. */
  private static Path freshDirectory(String name) throws IOException {
    Path directory = WORK.resolve(name);
    Files.createDirectories(directory);
    return directory;
  }

  private static String natively(Path program, Path directory) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(program.toString());
    builder.directory(directory.toFile());
    builder.environment().clear();
    builder.environment().put("PATH", "/usr/bin:/bin");
    builder.environment().put("HOME", "/");
    builder.environment().put("START", "1");
    builder.redirectErrorStream(true);
    builder.redirectInput(Path.of("/dev/null").toFile());
    Process process = builder.start();
    process
        .onExit()
        .orTimeout(LIMIT_SECONDS, TimeUnit.SECONDS)
        .exceptionally(late -> process.destroyForcibly());
    byte[] output = process.getInputStream().readAllBytes();
    return new String(output, StandardCharsets.ISO_8859_1) + "status " + process.waitFor();
  }

  private static String inSandbox(Path program, Path directory) throws Exception {
    Run run =
        Run.of(
            service,
            SandboxRequest.of(program.toString())
                .onlyEnvironment("PATH=/usr/bin:/bin", "HOME=/", "START=1")
                .cwd(directory.toString())
                .capabilities(capabilities)
                .wallTimeout(LIMIT_SECONDS));
    service.request().delete("/v1/sandboxes/" + run.id());
    String verdict =
        run.verdict().equals("exited") || run.verdict().equals("signaled")
            ? ""
            : " " + run.verdict() + " " + run.resource().getString("exit.reason");
    return new String(run.output(), StandardCharsets.ISO_8859_1)
        + new String(run.errors(), StandardCharsets.ISO_8859_1)
        + "status "
        + run.status()
        + verdict;
  }
}
