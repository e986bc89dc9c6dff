package dev.skerry.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a spec hides and freezes stays so in the namespaces that a guest makes, where it is root: as
 * natively, where the same is mounted by hand.
 */
class MaskedPathsTest {
  private static final Path SCRIPTS = Path.of("src/test/masks").toAbsolutePath();

  private static ServiceProcess service;

  @TempDir static Path directory;

  @BeforeAll
  static void start() throws IOException {
    service = ServiceProcess.start();
    Files.createDirectories(directory.resolve("secret/directory"));
    Files.createDirectories(directory.resolve("frozen"));
    Files.createDirectories(directory.resolve("elsewhere"));
    for (String file : List.of("secret/file", "secret/directory/file", "frozen/file")) {
      Files.writeString(directory.resolve(file), "secret\n");
    }
  }

  @AfterAll
  static void end() throws IOException, InterruptedException {
    service.close();
  }

  private static String natively() throws Exception {
    Process process =
        new ProcessBuilder(
                "unshare",
                "--mount",
                "sh",
                SCRIPTS.resolve("native.sh").toString(),
                directory.toString(),
                SCRIPTS.resolve("uncover.sh").toString())
            .redirectErrorStream(true)
            .start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    return output;
  }

  @Test
  void aRootOfItsOwnNamespaces() throws Exception {
    assumeTrue("root".equals(System.getProperty("user.name")), "only root can mount natively");
    String expected = natively();
    assertTrue(expected.contains("hidden: secret/file"), expected);
    assertFalse(expected.contains("SHOWN") || expected.contains("WRITTEN"), expected);
    Run run =
        Run.of(
            service,
            SandboxRequest.of("unshare", "-Urm", "sh", SCRIPTS.resolve("uncover.sh").toString())
                .mount(directory.toString(), "bind", directory.toString(), "rw")
                .cwd(directory.toString())
                // Without it no namespace's root may stand for this one's (user_namespaces(7)).
                .capabilities(List.of("CAP_SETFCAP"))
                .specField(
                    "linux",
                    Map.of(
                        "maskedPaths",
                        List.of(
                            directory.resolve("secret/file").toString(),
                            directory.resolve("secret/directory").toString(),
                            "/proc/interrupts"),
                        "readonlyPaths",
                        List.of(directory.resolve("frozen").toString()))));
    assertEquals(expected, run.text() + run.errorText());
  }
}
