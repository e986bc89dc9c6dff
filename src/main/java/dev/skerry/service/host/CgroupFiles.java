package dev.skerry.service.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** Reads and writes the small files of a cgroup. */
final class CgroupFiles {
  private CgroupFiles() {}

  static void write(Path file, String text) throws IOException {
    Files.writeString(file, text, StandardOpenOption.WRITE);
  }

  static void writeIfThere(Path file, String text) throws IOException {
    try {
      write(file, text);
    } catch (NoSuchFileException absent) {
      return;
    }
  }

  /** The number in the file, or the one after {@code key} in it; 0 if there is none. */
  static long number(Path file, String key) {
    try {
      for (String line : Files.readAllLines(file)) {
        String text =
            key.isEmpty() ? line : line.startsWith(key + " ") ? line.substring(key.length()) : "";
        if (text.strip().matches("[0-9]{1,18}")) {
          return Long.parseLong(text.strip());
        }
      }
    } catch (IOException absent) {
      return 0;
    }
    return 0;
  }

  /** The processes of a cgroup; empty if it is not there. */
  static List<Integer> processes(Path group) {
    try {
      return Files.readAllLines(group.resolve("cgroup.procs")).stream()
          .map(Integer::valueOf)
          .toList();
    } catch (IOException absent) {
      return List.of();
    }
  }
}
