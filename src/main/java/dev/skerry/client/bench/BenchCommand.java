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

  @Override
  public Integer call() throws IOException {
    List<String> known = new ArrayList<>(MicroRows.NAMES);
    known.addAll(ProcessRows.NAMES);
    known.addAll(MemoryRows.NAMES);
    for (String row : rows) {
      if (!known.contains(row)) {
        throw new ClientException("no row " + row + "; there are " + String.join(", ", known));
      }
    }
    Path home = Path.of(System.getProperty("skerry.home", "."));
    Path scratch = Files.createDirectories(home.resolveSibling("bench"));
    Path sources = Path.of(System.getProperty("client.source", "."), "src/test/perf");
    Path source = sources.resolve("bench.c");
    Path program = compile(source, scratch.resolve("bench"));
    Results results = new Results();
    List<Contender> contenders = contenders(scratch, sources);
    try {
      measure(contenders, program, source, results);
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

  private List<String> asked(List<String> of) {
    List<String> chosen = new ArrayList<>(of);
    if (!rows.isEmpty()) {
      chosen.retainAll(rows);
    }
    return chosen;
  }

  private static List<Contender> contenders(Path scratch, Path sources) {
    List<Contender> all = new ArrayList<>();
    all.add(new CommandContender("native", List.of()));
    if (isInstalled("runc")) {
      all.add(new RuncContender(scratch, sources, scratch));
    }
    if (isInstalled("runsc")) {
      all.add(
          new CommandContender(
              "runsc",
              List.of(
                  "runsc", "--platform=ptrace", "--network=none", "--ignore-cgroups", "do", "--")));
    }
    all.add(new SkerryContender());
    return all;
  }

  private static boolean isInstalled(String program) {
    for (String directory : System.getenv().getOrDefault("PATH", "").split(":")) {
      if (Files.isExecutable(Path.of(directory, program))) {
        return true;
      }
    }
    return false;
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
