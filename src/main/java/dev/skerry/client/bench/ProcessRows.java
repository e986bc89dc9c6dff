package dev.skerry.client.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** What a whole run costs, from the request (for Skerry, the POST) on. */
final class ProcessRows {
  static final String FIRST_BYTE = "first-byte";
  static final String TRUE = "true";
  static final String PYTHON = "python3-imports";
  static final String COMPILE = "gcc-compile";
  static final String FIND = "find-usr-lib";
  static final String ARCHIVE = "tar-usr-include";
  static final List<String> NAMES = List.of(FIRST_BYTE, TRUE, PYTHON, COMPILE, FIND, ARCHIVE);

  private static final double NANOS_PER_MILLI = 1e6;

  private final Map<String, List<String>> commands;
  private final Results results;

  /**
   * @param source a C program to compile
   */
  ProcessRows(Path source, Results results) {
    this.results = results;
    this.commands =
        Map.of(
            FIRST_BYTE, List.of("/bin/echo", "x"),
            TRUE, List.of("/bin/true"),
            PYTHON, List.of("/usr/bin/python3", "-c", "import json,re,subprocess"),
            FIND, List.of("/usr/bin/find", "/usr/lib", "-name", "nothing-of-this-name"),
            ARCHIVE, List.of("/bin/tar", "-cPf", "/tmp/skerry-archive", "/usr/include"),
            COMPILE,
                List.of(
                    "/usr/bin/gcc",
                    "-O1",
                    "-pthread",
                    "-o",
                    "/tmp/skerry-compiled",
                    source.toString()));
  }

  /** One round of one contender. */
  void run(Contender contender, List<String> rows) throws IOException {
    for (String row : rows) {
      List<String> command = commands.get(row);
      if (command == null) {
        continue;
      }
      Contender.Outcome outcome = contender.run(command);
      if (outcome.status() != 0) {
        System.err.println(
            "skerry: bench: "
                + row
                + " under "
                + contender.name()
                + " ended with status "
                + outcome.status());
        continue;
      }
      long nanos = row.equals(FIRST_BYTE) ? outcome.firstByteNanos() : outcome.totalNanos();
      results.add(row, "ms", contender.name(), nanos / NANOS_PER_MILLI);
    }
  }
}
