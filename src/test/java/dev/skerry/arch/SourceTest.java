package dev.skerry.arch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What can be told from the sources. */
class SourceTest {
  private static final int MOST_LINES = 600;
  private static final List<Path> ROOTS =
      List.of(
          Path.of("src/main/java"),
          Path.of("src/test/java"),
          Path.of("gofer/src/main/java"),
          Path.of("gofer/src/test/java"),
          Path.of("sentry-native/src"),
          Path.of("src/test/conformance"));

  /** Tables of numbers are as long as what they list. */
  private static final List<String> TABLES = List.of("Syscall.java");

  private static final Pattern C_DEFINE =
      Pattern.compile("^#define (\\w+) (.+?)(?://.*)?$", Pattern.MULTILINE);
  private static final Pattern JAVA_CONSTANT =
      Pattern.compile("static final (?:long|int) (\\w+) = ([^;]+);");

  private static List<Path> sources(String... endings) throws IOException {
    List<Path> found = new ArrayList<>();
    for (Path root : ROOTS) {
      if (Files.isDirectory(root)) {
        try (Stream<Path> files = Files.walk(root)) {
          files
              .filter(file -> Stream.of(endings).anyMatch(file.toString()::endsWith))
              .forEach(found::add);
        }
      }
    }
    return found;
  }

  @Test
  void noFileIsLongerThanItShouldBe() throws IOException {
    List<String> tooLong = new ArrayList<>();
    for (Path file : sources(".java", ".c", ".h")) {
      long lines = Files.readAllLines(file).size();
      if (lines > MOST_LINES && !TABLES.contains(file.getFileName().toString())) {
        tooLong.add(file + " has " + lines + " lines");
      }
    }
    assertEquals(List.of(), tooLong);
  }

  @Test
  void everyPackageSaysWhatItIs() throws IOException {
    List<String> silent = new ArrayList<>();
    for (Path file : sources(".java")) {
      if (file.toString().contains("src/test/") || file.toString().contains("service/api")) {
        continue;
      }
      Path about = file.resolveSibling("package-info.java");
      if (!Files.exists(about) || !Files.readString(about).contains("@NullMarked")) {
        silent.add(file.getParent().toString());
      }
    }
    assertEquals(List.of(), silent.stream().distinct().toList());
  }

  /**
   * A switch over types is linked when it is first run, which takes a young sentry milliseconds.
   */
  @Test
  void noSwitchOverTypesInTheSentryAndTheGofer() throws IOException {
    Pattern label = Pattern.compile("case [A-Z][\\w.]*(?:\\([^)]*\\)| \\w+) (?:->|when)");
    List<String> found = new ArrayList<>();
    for (Path file : sources(".java")) {
      String path = file.toString();
      boolean guarded =
          path.startsWith("gofer/src/main")
              || path.contains("src/main/java/dev/skerry/sentry")
              || path.contains("src/main/java/dev/skerry/control");
      if (guarded && label.matcher(Files.readString(file)).find()) {
        found.add(path);
      }
    }
    assertEquals(List.of(), found);
  }

  /** The sentry's picture of the stub is the stub's own. */
  @Test
  void stubLayoutEqualsLayoutHeader() throws IOException {
    Map<String, String> header = matches(C_DEFINE, "sentry-native/src/layout.h");
    Map<String, String> java =
        matches(JAVA_CONSTANT, "src/main/java/dev/skerry/sentry/platform/StubLayout.java");
    Map<String, String> pairs = new HashMap<>();
    pairs.put("STUB_BASE", "BASE");
    pairs.put("STUB_ZERO", "ZERO");
    pairs.put("STUB_SLOTS", "SLOTS");
    pairs.put("STUB_SLOT_SIZE", "SLOT_SIZE");
    pairs.put("STUB_SLOT_COUNT", "SLOT_COUNT");
    pairs.put("STUB_END", "END");
    for (String name : header.keySet()) {
      if (name.startsWith("HYPER") || name.startsWith("ORDER_") || name.startsWith("LOOK_UP")) {
        pairs.put(name, name);
      }
    }
    assertEquals(16, pairs.size());
    pairs.forEach((c, j) -> assertEquals(value(header, c), value(java, j), c));
    assertEquals(
        value(header, "STUB_BASE") + value(header, "STUB_TEXT_SIZE"), value(java, "TEXT_END"));
  }

  private static Map<String, String> matches(Pattern pattern, String file) throws IOException {
    Map<String, String> found = new HashMap<>();
    Matcher matcher = pattern.matcher(Files.readString(Path.of(file)));
    while (matcher.find()) {
      found.put(matcher.group(1), matcher.group(2).strip());
    }
    return found;
  }

  /** The value of a constant that is a number, a name, or a sum of these. */
  private static long value(Map<String, String> constants, String name) {
    String text = constants.get(name);
    if (text == null) {
      throw new AssertionError(name + " is missing");
    }
    long sum = 0;
    for (String term : text.replaceAll("[()]", "").split("\\+")) {
      String word = term.strip().replaceAll("(UL|L)$", "").replace("_", "");
      sum +=
          constants.containsKey(term.strip()) ? value(constants, term.strip()) : Long.decode(word);
    }
    return sum;
  }
}
