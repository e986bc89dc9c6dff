package dev.skerry.conformance;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The C programs of {@code src/test/conformance}, and how they are built. */
final class Programs {
  private static final Path SOURCES = Path.of("src/test/conformance").toAbsolutePath();
  private static final Path TARGET = Path.of("target/conformance").toAbsolutePath();
  private static final String LINK = "// link: ";

  private Programs() {}

  /** Their names, in order. */
  static List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(SOURCES)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".c"))
          .map(name -> name.substring(0, name.length() - 2))
          .sorted()
          .toList();
    }
  }

  /** Builds one, with the flags of native.sh, unless it is there and newer than its source. */
  static Path build(String name) throws IOException, InterruptedException {
    Path source = SOURCES.resolve(name + ".c");
    Path program = TARGET.resolve(name);
    if (isFresh(program, source) && isFresh(program, SOURCES.resolve("check.h"))) {
      return program;
    }
    Files.createDirectories(TARGET);
    List<String> command = new ArrayList<>(List.of("gcc", "-std=gnu11", "-D_GNU_SOURCE", "-O1"));
    command.addAll(List.of("-Wall", "-Wextra", "-Werror", "-pthread", "-o", program.toString()));
    command.add(source.toString());
    command.addAll(linkOptions(source));
    Process compiler =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectInput(Path.of("/dev/null").toFile())
            .start();
    String complaint = new String(compiler.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (compiler.waitFor() != 0) {
      throw new AssertionError(name + " does not compile: " + complaint);
    }
    return program;
  }

  private static List<String> linkOptions(Path source) throws IOException {
    for (String line : Files.readAllLines(source)) {
      if (line.startsWith(LINK)) {
        return List.of(line.substring(LINK.length()).strip().split(" "));
      }
    }
    return List.of("-static");
  }

  private static boolean isFresh(Path program, Path source) throws IOException {
    return Files.exists(program)
        && Files.getLastModifiedTime(program).compareTo(Files.getLastModifiedTime(source)) > 0;
  }
}
