package dev.skerry.client.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which cgroup controllers can be used here, v2 before v1 (cgroups(7)); tried by making a group.
 */
final class Cgroups {
  private static final List<String> CONTROLLERS = List.of("memory", "pids", "cpu");
  private static final String REMEDY =
      "without it the guest's use is not limited by the host; run as root, or have the group"
          + " delegated (systemd: Delegate=yes)";

  private Cgroups() {}

  static List<Finding> probe() {
    List<Finding> findings = new ArrayList<>();
    Map<String, Path> places = places();
    for (String controller : CONTROLLERS) {
      String name = "cgroup controller " + controller;
      Path place = places.get(controller);
      if (place == null) {
        findings.add(Finding.reduced(name, "mounted nowhere", REMEDY));
        continue;
      }
      String problem = tryGroup(place);
      findings.add(
          problem == null
              ? Finding.present(name, "in " + place)
              : Finding.reduced(name, problem, REMEDY));
    }
    return findings;
  }

  /** Where a controller's groups can be made. */
  private static Map<String, Path> places() {
    Map<String, Path> places = new HashMap<>();
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/mounts"))) {
        String[] words = line.split(" ", -1);
        if (words.length < 4) {
          continue;
        }
        Path mountPoint = Path.of(words[1]);
        List<String> offered =
            switch (words[2]) {
              case "cgroup" -> List.of(words[3].split(",", -1));
              case "cgroup2" -> controllersOf(mountPoint);
              default -> List.of();
            };
        for (String controller : offered) {
          places.putIfAbsent(controller, mountPoint);
        }
      }
    } catch (IOException e) {
      return places;
    }
    return places;
  }

  private static List<String> controllersOf(Path mountPoint) throws IOException {
    Path file = mountPoint.resolve("cgroup.controllers");
    return Files.isReadable(file)
        ? List.of(Files.readString(file).strip().split(" ", -1))
        : List.of();
  }

  private static @Nullable String tryGroup(Path place) {
    Path group = place.resolve("skerry-doctor-" + ProcessHandle.current().pid());
    try {
      Files.createDirectory(group);
      Files.delete(group);
      return null;
    } catch (IOException e) {
      return "no group can be made in " + place;
    }
  }
}
