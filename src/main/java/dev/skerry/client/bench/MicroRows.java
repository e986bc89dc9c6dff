package dev.skerry.client.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What single system calls cost: the C program measures, this collects. */
final class MicroRows {
  static final List<String> NAMES =
      List.of(
          "getppid",
          "stat",
          "open-read4k-close",
          "pread4k-tmpfs",
          "pwrite4k-tmpfs",
          "create-write1k-unlink",
          "pipe-write-read",
          "pipe-ping-pong",
          "fork-exit-wait",
          "fork-exec-wait",
          "mmap-touch256-munmap",
          "thread-create-join",
          "futex-ping-pong",
          "signal-self");

  private final Path program;
  private final boolean quick;
  private final Results results;

  MicroRows(Path program, boolean quick, Results results) {
    this.program = program;
    this.quick = quick;
    this.results = results;
  }

  /** One round of one contender. */
  void run(Contender contender, List<String> rows) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(program.toString());
    if (quick) {
      command.add("--quick");
    }
    command.addAll(rows);
    Contender.Outcome outcome = contender.run(command);
    for (String line : outcome.output().split("\n")) {
      String[] words = line.split("\t", -1);
      if (words.length == 3) {
        results.add(words[0], words[1], contender.name(), Double.parseDouble(words[2]));
      }
    }
    if (outcome.status() != 0) {
      System.err.println(
          "skerry: bench: " + contender.name() + " ended with status " + outcome.status());
    }
  }
}
