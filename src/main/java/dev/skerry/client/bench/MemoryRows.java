package dev.skerry.client.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The proportional set size of sandboxes at rest (proc_pid_smaps(5)). */
final class MemoryRows {
  static final String ONE = "pss-of-1";
  static final String EACH_OF_TEN = "pss-each-of-10";
  static final List<String> NAMES = List.of(ONE, EACH_OF_TEN);

  private static final int MANY = 10;
  private static final long SETTLE_MILLIS = 1500;
  private static final double KIB_PER_MIB = 1024;

  private final Results results;

  MemoryRows(Results results) {
    this.results = results;
  }

  void run(Contender contender, List<String> rows) throws IOException {
    if (rows.contains(ONE)) {
      results.add(ONE, "MiB", contender.name(), measure(contender, 1));
    }
    if (rows.contains(EACH_OF_TEN)) {
      results.add(EACH_OF_TEN, "MiB", contender.name(), measure(contender, MANY) / MANY);
    }
  }

  private static double measure(Contender contender, int count) throws IOException {
    List<Contender.Idle> idles = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        idles.add(contender.idle());
      }
      Thread.sleep(SETTLE_MILLIS);
      long total = 0;
      for (Contender.Idle idle : idles) {
        for (long root : idle.roots()) {
          total += tree(root);
        }
      }
      return total / KIB_PER_MIB;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      for (Contender.Idle idle : idles) {
        idle.close();
      }
    }
  }

  /** In KiB, of a process and all that descend from it. */
  private static long tree(long root) {
    long total = size(root);
    for (ProcessHandle child :
        ProcessHandle.of(root).stream().flatMap(ProcessHandle::descendants).toList()) {
      total += size(child.pid());
    }
    return total;
  }

  private static long size(long pid) {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/smaps_rollup"))) {
        if (line.startsWith("Pss:")) {
          return Long.parseLong(line.replaceAll("[^0-9]", ""));
        }
      }
    } catch (IOException e) {
      return 0;
    }
    return 0;
  }
}
