package dev.skerry.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** {@code ./skerry run} as a user calls it. */
class CommandLineTest {
  private static ServiceProcess service;

  @BeforeAll
  static void start() throws IOException {
    service = ServiceProcess.start();
  }

  @AfterAll
  static void end() throws IOException, InterruptedException {
    service.close();
  }

  private record Result(int status, String output, String errors) {}

  private static Result skerry(boolean embedded, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(Path.of("skerry").toAbsolutePath().toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    if (!embedded) {
      builder.environment().put("SKERRY_URL", service.uri().toString());
      builder.environment().put("SKERRY_TOKEN", service.token());
    }
    builder.redirectInput(Path.of("/dev/null").toFile());
    Process process = builder.start();
    process
        .onExit()
        .orTimeout(60, TimeUnit.SECONDS)
        .exceptionally(late -> process.destroyForcibly());
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    String errors = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Result(process.waitFor(), output, errors);
  }

  @Test
  void hello() throws Exception {
    Result result = skerry(true, "run", "--", "/bin/echo", "hello");
    assertEquals("hello\n", result.output(), result.errors());
    assertEquals(0, result.status());
  }

  /**
   * A first process that no handler protects is Linux's PID 1: signals of its own do not end it.
   */
  @Test
  void exitStatuses() throws Exception {
    assertEquals(0, skerry(false, "run", "--", "true").status());
    assertEquals(3, skerry(false, "run", "--", "sh", "-c", "exit 3").status());
    assertEquals(
        139,
        skerry(false, "run", "--", "python3", "-c", "import ctypes; ctypes.string_at(0)").status());
    assertEquals(0, skerry(false, "run", "--", "sh", "-c", "kill -KILL $$").status());
    Result missing = skerry(false, "run", "--", "no-such-program");
    assertEquals(125, missing.status());
    assertTrue(missing.errors().contains("no-such-program"), missing.errors());
    assertEquals(124, skerry(false, "run", "--timeout", "1", "--", "sleep", "100").status());
    assertEquals(125, skerry(false, "run", "--rootfs", "/no/such/root", "--", "true").status());
  }

  @Test
  void options() throws Exception {
    Result result =
        skerry(
            false,
            "run",
            "--env",
            "A=b c",
            "--cwd",
            "/usr",
            "--user",
            "1000:1001",
            "--",
            "sh",
            "-c",
            "echo $A; pwd; id -u; id -g; echo err >&2");
    assertEquals("b c\n/usr\n1000\n1001\n", result.output());
    assertEquals("err\n", result.errors());
  }

  @Test
  void finalResource() throws Exception {
    Result result = skerry(false, "run", "--json", "--", "sh", "-c", "exit 6");
    assertEquals(6, result.status());
    String all = result.output() + result.errors();
    assertTrue(all.contains("\"verdict\"") && all.contains("\"exited\""), all);
  }

  /** It would adopt the first one's sandboxes, and both would end and delete them. */
  @Test
  void secondServiceOnTheSameData() throws Exception {
    Result result = skerry(true, "serve", "--port", "18199", "--data", service.data().toString());
    assertEquals(125, result.status());
    assertTrue(
        result.errors().contains("another service uses the data directory"), result.errors());
    assertEquals(0, skerry(false, "run", "--", "true").status());
  }
}
