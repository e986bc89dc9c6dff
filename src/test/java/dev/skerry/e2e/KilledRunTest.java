package dev.skerry.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./skerry run} without a service of its own, killed so that it can do nothing any more. */
class KilledRunTest {
  private static final Duration GONE = Duration.ofSeconds(10);

  @TempDir Path temporary;

  private Process run(String... command) throws IOException {
    List<String> words = new ArrayList<>();
    words.add(Path.of("skerry").toAbsolutePath().toString());
    words.addAll(List.of("run", "--"));
    words.addAll(List.of(command));
    ProcessBuilder builder = new ProcessBuilder(words);
    builder.environment().remove("SKERRY_URL");
    builder.environment().put("JAVA_TOOL_OPTIONS", "-Djava.io.tmpdir=" + temporary);
    builder.redirectInput(Path.of("/dev/null").toFile());
    builder.redirectError(temporary.resolve("errors").toFile());
    return builder.start();
  }

  /** One that goes on until it is killed. */
  private Process endless() throws IOException {
    Process process = run("sh", "-c", "echo begun; sleep 1000 & sleep 1000");
    BufferedReader output =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    assertEquals("begun", output.readLine(), Files.readString(temporary.resolve("errors")));
    return process;
  }

  private List<Path> list(Path directory, String prefix) throws IOException {
    try (Stream<Path> all = Files.list(directory)) {
      return all.filter(path -> path.getFileName().toString().startsWith(prefix)).toList();
    }
  }

  private List<Path> data() throws IOException {
    return list(temporary, "skerry-run-");
  }

  /** As if it had been started long ago. */
  private static void age(Path path) throws IOException {
    Files.setLastModifiedTime(path, FileTime.from(Instant.now().minus(Duration.ofHours(1))));
  }

  @Test
  void itsSandboxGoesWithIt() throws Exception {
    Process process = endless();
    Path abandoned = data().getFirst();
    Path state = list(abandoned.resolve("sandboxes"), "").getFirst();
    assertFalse(Leftovers.processes(state).isEmpty());
    process.destroyForcibly().waitFor();
    assertTrue(
        Waiting.until(GONE, () -> Leftovers.of(state).isEmpty()), () -> "left over in " + state);
    removedByTheNext(abandoned);
  }

  /** Its files go when another begins; those of one that still runs stay. */
  private void removedByTheNext(Path abandoned) throws Exception {
    age(abandoned);
    Process other = endless();
    try {
      assertFalse(Files.exists(abandoned));
      List<Path> used = data();
      assertEquals(1, used.size());
      age(used.getFirst());
      assertEquals(0, run("true").waitFor());
      assertEquals(used, data());
    } finally {
      other.destroy();
      other.destroy();
      if (!other.waitFor(10, java.util.concurrent.TimeUnit.SECONDS)) {
        other.destroyForcibly().waitFor();
      }
    }
  }
}
