package dev.skerry.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.skerry.sentry.auth.Capability;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/**
 * Real programs on a Debian 12 root: each script of {@code src/test/rootfs/programs} runs natively,
 * in a plain chroot, and in a sandbox, and must say the same. What it says on standard error, such
 * as figures, is printed.
 */
@Tag("long")
class DebianProgramsTest {
  private static final Path SCRIPTS = Path.of("src/test/rootfs");
  private static final int MINUTES = 30;

  /** What chroot.sh takes away. */
  private static final Set<String> LEFT_OUT = Set.of("SYS_TIME", "SYS_BOOT", "SYS_MODULE");

  private static ServiceProcess service;
  private static String root;

  @BeforeAll
  static void start() throws Exception {
    assumeTrue("root".equals(System.getProperty("user.name")), "only root can make a root");
    root = command(60, SCRIPTS.resolve("debian.sh").toString()).output().strip();
    String directories = Path.of(root).getParent().toString();
    service = ServiceProcess.start(Map.of("SKERRY_ROOTFS_DIRECTORIES", directories));
  }

  @AfterAll
  static void end() throws IOException, InterruptedException {
    if (service != null) {
      service.close();
    }
  }

  @TestFactory
  List<DynamicTest> programs() throws IOException {
    return tests("programs", DebianProgramsTest::compare);
  }

  /** Scripts that are no good for a machine; they end with 0 when all is well. */
  @TestFactory
  List<DynamicTest> sandboxed() throws IOException {
    return tests(
        "sandboxed",
        script -> {
          Result result = sandbox(Files.readString(script));
          assertEquals(0, result.status(), result.output() + result.errors());
        });
  }

  private static List<DynamicTest> tests(String directory, Check check) throws IOException {
    try (Stream<Path> scripts = Files.list(SCRIPTS.resolve(directory))) {
      return scripts
          .sorted()
          .map(script -> DynamicTest.dynamicTest(name(script), () -> check.of(script)))
          .toList();
    }
  }

  private static String name(Path script) {
    return script.getFileName().toString().replace(".sh", "");
  }

  private static void compare(Path script) throws Exception {
    long begun = System.nanoTime();
    Result inChroot =
        command(MINUTES, SCRIPTS.resolve("chroot.sh").toString(), root, script.toString());
    long half = System.nanoTime();
    Result inSandbox = sandbox(Files.readString(script));
    System.out.printf(
        "%s: natively %.1f s, in a sandbox %.1f s%n%s",
        name(script), (half - begun) / 1e9, (System.nanoTime() - half) / 1e9, inSandbox.errors());
    assertEquals(inChroot.output(), inSandbox.output(), inSandbox.errors());
    assertEquals(inChroot.status(), inSandbox.status(), inSandbox.errors());
  }

  private static Result sandbox(String script) throws Exception {
    SandboxRequest request =
        SandboxRequest.of("/bin/bash", "-c", script)
            .directory(root, true)
            .capabilities(capabilities());
    String id = Run.begin(service, request.wallTimeout(MINUTES * 60));
    for (int waited = 0; waited < MINUTES * 60; waited += 60) {
      if ("stopped".equals(Run.await(service, id, 60).getString("state"))) {
        break;
      }
    }
    try (StdioSocket socket = StdioSocket.open(service, id)) {
      socket.awaitClose(Duration.ofSeconds(60));
      Run run = Run.end(service, id, socket);
      return new Result(run.status(), run.text(), run.errorText());
    }
  }

  /** Those of root in the chroot. */
  private static List<String> capabilities() {
    return Arrays.stream(Capability.class.getFields())
        .filter(field -> field.getType() == int.class && !LEFT_OUT.contains(field.getName()))
        .map(field -> "CAP_" + field.getName())
        .toList();
  }

  private static Result command(int minutes, String... command) throws Exception {
    Path errors = Files.createTempFile("skerry-", ".err");
    Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(minutes, TimeUnit.MINUTES)) {
      process.destroyForcibly();
    }
    String said = Files.readString(errors);
    Files.delete(errors);
    return new Result(process.waitFor(), output, said);
  }

  private interface Check {
    void of(Path script) throws Exception;
  }

  private record Result(int status, String output, String errors) {}
}
