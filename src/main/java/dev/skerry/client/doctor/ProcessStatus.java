package dev.skerry.client.doctor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A process of the host's, as proc(5) shows it. */
final class ProcessStatus {
  private final long pid;
  private final Map<String, String> fields;
  private final String commandLine;

  private ProcessStatus(long pid, Map<String, String> fields, String commandLine) {
    this.pid = pid;
    this.fields = fields;
    this.commandLine = commandLine;
  }

  static ProcessStatus read(long pid) throws IOException {
    Map<String, String> fields = new HashMap<>();
    for (String line : Files.readAllLines(proc(pid, "status"))) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        fields.put(line.substring(0, colon), line.substring(colon + 1).strip());
      }
    }
    byte[] arguments = Files.readAllBytes(proc(pid, "cmdline"));
    return new ProcessStatus(
        pid, fields, new String(arguments, StandardCharsets.ISO_8859_1).replace('\0', ' '));
  }

  /** All that descend from a process; those that end meanwhile are left out. */
  static List<ProcessStatus> descendants(long ancestor) {
    List<ProcessStatus> all = new ArrayList<>();
    try (Stream<ProcessHandle> handles =
        ProcessHandle.of(ancestor).stream().flatMap(ProcessHandle::descendants)) {
      for (ProcessHandle handle : handles.toList()) {
        addIfThere(all, handle.pid());
      }
    }
    return all;
  }

  private static void addIfThere(List<ProcessStatus> all, long pid) {
    try {
      all.add(read(pid));
    } catch (IOException e) {
      // It has ended since it was listed.
    }
  }

  long pid() {
    return pid;
  }

  String commandLine() {
    return commandLine;
  }

  String field(String name) {
    return fields.getOrDefault(name, "");
  }

  /** A capability set such as CapEff, a bit a capability. */
  long capabilities(String set) {
    String digits = field(set);
    return digits.isEmpty() ? -1 : Long.parseUnsignedLong(digits, 16);
  }

  /** The effective user id on the host. */
  String user() {
    String[] ids = field("Uid").split("\t", -1);
    return ids.length > 1 ? ids[1] : "";
  }

  /**
   * The identity of a namespace, as namespaces(7) has it.
   *
   * @throws IOException when the host keeps it from us
   */
  String namespace(String kind) throws IOException {
    return Files.readSymbolicLink(proc(pid, "ns/" + kind)).toString();
  }

  private static Path proc(long pid, String name) {
    return Path.of("/proc/" + pid + "/" + name);
  }
}
