package dev.skerry.sentry.syscalls;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The generated page is up to date. */
class CompatibilityPageTest {
  @Test
  void thePageIsWhatTheTableSays() throws IOException {
    String page = Files.readString(Path.of("docs/compatibility.md"));
    assertEquals(
        CompatibilityPage.text(),
        page,
        "docs/compatibility.md is stale: write it anew with dev.skerry.sentry.syscalls.CompatibilityPage");
  }
}
