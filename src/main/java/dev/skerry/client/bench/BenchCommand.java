package dev.skerry.client.bench;

import dev.skerry.client.api.ClientException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code skerry bench}: figures and ratios; it judges nothing. */
@Command(
    name = "bench",
    description = "Measures Skerry against the host, runc and runsc.",
    mixinStandardHelpOptions = true)
public final class BenchCommand implements Callable<Integer> {
  private static final int ROUNDS = 3;
  private static final int PROCESS_ROUNDS = 7;

  @Option(names = "--quick", description = "Takes less than a minute.")
  private boolean quick;

  @Option(names = "--json", paramLabel = "FILE", description = "Writes the medians there.")
  private @Nullable Path json;

  @Option(names = "--rows", paramLabel = "A,B", split = ",", description = "Only these rows.")
  private List<String> rows = new ArrayList<>();

  @Option(
      names = "--builds",
      description =
          "Builds, tools and servers on a Debian 12 root (made once, by root, with debootstrap).")
  private boolean builds;

  @Override
  public Integer call() throws IOException {
    List<String> known = new ArrayList<>();
    if (builds) {
      known.addAll(BuildRows.NAMES);
    } else {
      known.addAll(MicroRows.NAMES);
      known.addAll(ProcessRows.NAMES);
      known.addAll(MemoryRows.NAMES);
    }
    for (String row : rows) {
      if (!known.contains(row)) {
        throw new ClientException("no row " + row + "; there are " + String.join(", ", known));
      }
    }
    Path home = Path.of(System.getProperty("skerry.home", "."));
    Path scratch = Files.createDirectories(home.resolveSibling("bench"));
    Path tests = Path.of(System.getProperty("client.source", "."), "src/test");
    Path sources = tests.resolve("perf");
    Results results = new Results();
    List<Contender> contenders =
        builds ? Contenders.onDebian(scratch, tests) : Contenders.here(scratch, sources);
    try {
      if (builds) {
        measureBuilds(contenders, sources, results);
      } else {
        Path source = sources.resolve("bench.c");
        measure(contenders, compile(source, scratch.resolve("bench")), source, results);
      }
    } finally {
      for (Contender contender : contenders) {
        contender.close();
      }
    }
    results.print(System.out);
    if (json != null) {
      Files.writeString(json, results.json().toPrettyString() + "\n");
    }
    return 0;
  }

  private void measure(List<Contender> contenders, Path program, Path source, Results results)
      throws IOException {
    List<String> micro = asked(MicroRows.NAMES);
    MicroRows microRows = new MicroRows(program, quick, results);
    int rounds = micro.isEmpty() ? 0 : quick ? 1 : ROUNDS;
    for (int round = 0; round < rounds; round++) {
      for (Contender contender : contenders) {
        microRows.run(contender, micro);
      }
    }
    ProcessRows processRows = new ProcessRows(source, results);
    for (int round = 0; round < (quick ? 3 : PROCESS_ROUNDS); round++) {
      for (Contender contender : contenders) {
        processRows.run(contender, asked(ProcessRows.NAMES));
      }
    }
    MemoryRows memoryRows = new MemoryRows(results);
    for (Contender contender : contenders) {
      memoryRows.run(contender, asked(MemoryRows.NAMES));
    }
  }

  private void measureBuilds(List<Contender> contenders, Path sources, Results results)
      throws IOException {
    List<String> asked = asked(BuildRows.NAMES);
    if (rows.isEmpty()) {
      asked.removeAll(BuildRows.LONG);
    }
    BuildRows buildRows = new BuildRows(sources.resolve("builds.sh"), results);
    for (int round = 0; round < (quick ? 1 : ROUNDS); round++) {
      for (String row : asked) {
        for (Contender contender : contenders) {
          if (!results.hasFailed(row, contender.name())) {
            buildRows.run(contender, row);
          }
        }
      }
    }
  }

  private List<String> asked(List<String> of) {
    List<String> chosen = new ArrayList<>(of);
    if (!rows.isEmpty()) {
      chosen.retainAll(rows);
    }
    return chosen;
  }

  /** Static, so that every root file system will do. */
  private static Path compile(Path source, Path program) throws IOException {
    Process gcc =
        new ProcessBuilder(
                "gcc",
                "-std=gnu11",
                "-D_GNU_SOURCE",
                "-O2",
                "-static",
                "-pthread",
                "-o",
                program.toString(),
                source.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .redirectInput(new File("/dev/null"))
            .start();
    try {
      if (gcc.waitFor() == 0) {
        return program;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new ClientException("cannot compile " + source);
  }
}
