package dev.skerry.service.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A mounted cgroup hierarchy with those of its controllers that the service can use.
 *
 * @param unified whether it is version 2
 */
record CgroupHierarchy(Path mount, boolean unified, Set<String> controllers) {
  private static final Set<String> WANTED = Set.of("memory", "pids", "cpu");

  /**
   * The hierarchies of this machine; version 2 first. One without a wanted controller is left out.
   */
  static List<CgroupHierarchy> find() {
    List<CgroupHierarchy> found = new ArrayList<>();
    List<String> mounts;
    try {
      mounts = Files.readAllLines(Path.of("/proc/self/mounts"));
    } catch (IOException e) {
      return found;
    }
    for (String line : mounts) {
      String[] fields = line.split(" ");
      if (fields.length < 4 || fields[1].indexOf('\\') >= 0) {
        continue;
      }
      Path mount = Path.of(fields[1]);
      if (fields[2].equals("cgroup2")) {
        add(found, 0, new CgroupHierarchy(mount, true, wanted(unifiedControllers(mount))));
      } else if (fields[2].equals("cgroup")) {
        List<String> options = Arrays.asList(fields[3].split(","));
        add(found, found.size(), new CgroupHierarchy(mount, false, wanted(options)));
      }
    }
    return found;
  }

  private static void add(List<CgroupHierarchy> found, int at, CgroupHierarchy hierarchy) {
    if (!hierarchy.controllers.isEmpty()) {
      found.add(at, hierarchy);
    }
  }

  private static Set<String> wanted(List<String> names) {
    Set<String> wanted = new HashSet<>(names);
    wanted.retainAll(WANTED);
    return wanted;
  }

  private static List<String> unifiedControllers(Path mount) {
    try {
      return Arrays.asList(
          Files.readString(mount.resolve("cgroup.controllers")).strip().split(" "));
    } catch (IOException e) {
      return List.of();
    }
  }

  /** The directory that holds the sandboxes' cgroups, made if need be. */
  Path parent() throws IOException {
    Path parent = mount.resolve("skerry");
    Files.createDirectories(parent);
    if (unified) {
      for (Path level : List.of(mount, parent)) {
        for (String controller : controllers) {
          CgroupFiles.write(level.resolve("cgroup.subtree_control"), "+" + controller);
        }
      }
    }
    return parent;
  }

  /** The cgroup that this process is in; null if it lies outside of what is mounted here. */
  @Nullable Path own() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/cgroup"))) {
      String[] fields = line.split(":", 3);
      Set<String> named = wanted(Arrays.asList(fields[1].split(",")));
      if (fields.length == 3 && (unified ? fields[1].isEmpty() : named.equals(controllers))) {
        Path own = mount.resolve(fields[2].substring(1));
        return Files.isDirectory(own) ? own : null;
      }
    }
    return null;
  }

  /** Sets the limits that this hierarchy's controllers are for. */
  void limit(Path group, CgroupLimits limits) throws IOException {
    if (controllers.contains("memory") && limits.memoryBytes() > 0) {
      String bytes = Long.toString(limits.memoryBytes());
      CgroupFiles.write(group.resolve(unified ? "memory.max" : "memory.limit_in_bytes"), bytes);
      // Where swap is not counted there is no such file, nor any need of it.
      CgroupFiles.writeIfThere(
          group.resolve(unified ? "memory.swap.max" : "memory.memsw.limit_in_bytes"),
          unified ? "0" : bytes);
    }
    if (controllers.contains("pids") && limits.tasks() > 0) {
      CgroupFiles.write(group.resolve("pids.max"), Integer.toString(limits.tasks()));
    }
    if (controllers.contains("cpu")) {
      limitCpu(group, limits);
    }
  }

  private void limitCpu(Path group, CgroupLimits limits) throws IOException {
    long period = limits.cpuPeriod() > 0 ? limits.cpuPeriod() : 100_000;
    if (limits.cpuQuota() > 0 && unified) {
      CgroupFiles.write(group.resolve("cpu.max"), limits.cpuQuota() + " " + period);
    } else if (limits.cpuQuota() > 0) {
      CgroupFiles.write(group.resolve("cpu.cfs_period_us"), Long.toString(period));
      CgroupFiles.write(group.resolve("cpu.cfs_quota_us"), Long.toString(limits.cpuQuota()));
    }
    if (limits.cpuShares() > 0 && unified) {
      // The usual mapping of shares 2..262144 to weights 1..10000.
      long weight = 1 + (limits.cpuShares() - 2) * 9999 / 262142;
      CgroupFiles.write(group.resolve("cpu.weight"), Long.toString(weight));
    } else if (limits.cpuShares() > 0) {
      CgroupFiles.write(group.resolve("cpu.shares"), Long.toString(limits.cpuShares()));
    }
  }
}
