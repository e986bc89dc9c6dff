package dev.skerry.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What of a sandbox is still on the host. */
final class Leftovers {
  private Leftovers() {}

  /** Processes, mounts, control groups and sockets of one sandbox; empty when it is gone. */
  static List<String> of(ServiceProcess service, String id) throws IOException {
    return of(service.stateOf(id));
  }

  /** The same, by its state directory. */
  static List<String> of(Path state) throws IOException {
    String id = state.getFileName().toString();
    List<String> found = new ArrayList<>();
    processes(state).forEach(pid -> found.add("process " + pid));
    for (String line : Files.readAllLines(Path.of("/proc/self/mountinfo"))) {
      if (line.contains(id)) {
        found.add("mount " + line);
      }
    }
    controlGroups(id).forEach(group -> found.add("cgroup " + group));
    if (Files.exists(state.resolve("control.sock"))) {
      found.add("control.sock");
    }
    return found;
  }

  /**
   * The host pids of all processes whose command line or mounts name the state directory, or pids.
   */
  static List<Long> processes(Path state) throws IOException {
    List<Long> found = new ArrayList<>();
    try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
      all.forEach(
          process -> {
            try {
              String path = "/proc/" + process.pid();
              if (Files.readString(Path.of(path, "cmdline")).contains(state.toString())
                  || Files.readString(Path.of(path, "cgroup"))
                      .contains(state.getFileName().toString())) {
                found.add(process.pid());
              }
            } catch (IOException e) {
              // It has ended meanwhile.
              return;
            }
          });
    }
    return found;
  }

  private static List<Path> controlGroups(String id) throws IOException {
    List<Path> found = new ArrayList<>();
    try (Stream<Path> controllers = Files.list(Path.of("/sys/fs/cgroup"))) {
      for (Path controller : controllers.filter(Files::isDirectory).toList()) {
        find(controller, id, 3, found);
      }
    }
    return found;
  }

  private static void find(Path directory, String id, int depth, List<Path> found)
      throws IOException {
    if (directory.getFileName().toString().contains(id)) {
      found.add(directory);
    }
    if (depth == 0) {
      return;
    }
    try (Stream<Path> entries = Files.list(directory)) {
      for (Path entry : entries.filter(Files::isDirectory).toList()) {
        find(entry, id, depth - 1, found);
      }
    } catch (java.io.UncheckedIOException | java.nio.file.NoSuchFileException e) {
      // Somebody else's group went away.
      return;
    }
  }

  /** The host pid of the process of a sandbox whose command line holds a text. */
  static long process(Path state, String text) throws IOException {
    for (long pid : processes(state)) {
      if (Files.readString(Path.of("/proc/" + pid + "/cmdline")).contains(text)) {
        return pid;
      }
    }
    throw new IOException("no process with " + text + " in " + state);
  }
}
