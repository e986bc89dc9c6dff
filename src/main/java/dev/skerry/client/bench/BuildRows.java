package dev.skerry.client.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Whole builds and servers on a Debian root: a script measures, this collects. Each row has a
 * container of its own, so that one that fails or hangs costs no other.
 */
final class BuildRows {
  static final String MAKE_SQLITE = "make-sqlite";
  static final List<String> NAMES =
      List.of(
          "make-zlib",
          MAKE_SQLITE,
          "git-status-20000",
          "python3-start",
          "redis-set",
          "redis-get",
          "pgbench");

  /** Each contender takes minutes for these: only when asked for. */
  static final List<String> LONG = List.of(MAKE_SQLITE);

  private static final String SECONDS = "1500";
  private static final int TIMED_OUT = 124;

  private final String script;
  private final Results results;

  BuildRows(Path script, Results results) throws IOException {
    this.script = Files.readString(script);
    this.results = results;
  }

  /** Once. */
  void run(Contender contender, String row) throws IOException {
    Contender.Outcome outcome =
        contender.run(
            List.of(
                "/usr/bin/timeout", "-k", "9", SECONDS, "/bin/bash", "-c", script, "builds", row));
    String output = outcome.output().strip();
    String[] words = output.split("\t", -1);
    if (outcome.status() == 0 && words.length == 3) {
      results.add(words[0], words[1], contender.name(), Double.parseDouble(words[2]));
    } else {
      results.fail(row, contender.name(), reason(outcome.status(), output));
    }
  }

  private static String reason(int status, String output) {
    if (status == TIMED_OUT) {
      return "not done after " + SECONDS + " s";
    }
    return output.isEmpty() ? "status " + status : output;
  }
}
