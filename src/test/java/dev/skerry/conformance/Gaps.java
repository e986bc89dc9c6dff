package dev.skerry.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Differences that are known, from {@code gaps.txt}: a line {@code name: reason}, then the lines of
 * the difference, which begin with a space, a plus or a minus as {@link LineDiff} prints them.
 */
final class Gaps {
  private static final Path FILE = Path.of("src/test/conformance/gaps.txt");

  private final Map<String, String> differences = new LinkedHashMap<>();

  private Gaps() {}

  static Gaps load() throws IOException {
    Gaps gaps = new Gaps();
    String name = null;
    List<String> lines = new ArrayList<>();
    for (String line : Files.readAllLines(FILE)) {
      if (line.startsWith("+") || line.startsWith("-")) {
        lines.add(line);
      } else if (!line.isBlank() && !line.startsWith("#")) {
        gaps.put(name, lines);
        name = line.substring(0, line.indexOf(':'));
      }
    }
    gaps.put(name, lines);
    return gaps;
  }

  private void put(@org.jspecify.annotations.Nullable String name, List<String> lines) {
    if (name != null) {
      differences.put(name, String.join("\n", lines));
    }
    lines.clear();
  }

  /** The difference that is expected; empty when there is none. */
  String differenceOf(String program) {
    return differences.getOrDefault(program, "");
  }

  /** The programs that have an entry. */
  Iterable<String> programs() {
    return differences.keySet();
  }
}
