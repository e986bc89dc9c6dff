package dev.skerry.service.host;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jboss.logging.Logger;

/**
 * The sandboxes' cgroups: {@code skerry/ID} in the unified hierarchy where its controllers are
 * there, else in the hierarchy of each controller.
 */
@Singleton
public class ControlGroups {
  private static final Logger LOG = Logger.getLogger(ControlGroups.class);
  private static final Set<String> ALL = Set.of("memory", "pids", "cpu");
  private static final long REMOVAL_MILLIS = 2000;
  private static final long REMOVAL_STEP_MILLIS = 5;

  @GuardedBy("this")
  private final Map<Path, Path> parents = new HashMap<>();

  /**
   * The cgroups of one sandbox.
   *
   * @param directories made for it, for the launcher to join
   * @param missing those of memory, pids and cpu that could not be had
   * @param reason why, if any are missing
   */
  public record Made(List<Path> directories, Set<String> missing, String reason) {}

  /**
   * Begins what the launcher would wait for. The first move of a process waits until each processor
   * has been through the scheduler, which takes 10 ms (cgroup_threadgroup_rwsem of
   * kernel/cgroup/cgroup.c); one soon after another does not. This process moves to where it is.
   */
  public void expectMoves() {
    if (Machine.isRoot()) {
      Thread.ofPlatform().daemon().name("cgroup-moves").start(ControlGroups::moveNowhere);
    }
  }

  private static void moveNowhere() {
    try {
      for (CgroupHierarchy hierarchy : CgroupHierarchy.find()) {
        Path own = hierarchy.own();
        if (own != null) {
          CgroupFiles.write(own.resolve("cgroup.procs"), "0");
          return;
        }
      }
    } catch (IOException e) {
      LOG.debugf("moves between cgroups are not prepared: %s", e.getMessage());
    }
  }

  /** Makes and limits the cgroups of a sandbox, as far as they can be had. */
  public Made make(String id, CgroupLimits limits) {
    Set<String> missing = new TreeSet<>(ALL);
    List<Path> made = new ArrayList<>();
    if (!Machine.isRoot()) {
      return new Made(made, missing, "the service does not run as root");
    }
    String reason = "this machine has no such controller";
    for (CgroupHierarchy hierarchy : CgroupHierarchy.find()) {
      if (hierarchy.controllers().stream().noneMatch(missing::contains)) {
        continue;
      }
      try {
        Path group = parent(hierarchy).resolve(id);
        Files.createDirectory(group);
        made.add(group);
        hierarchy.limit(group, limits);
        missing.removeAll(hierarchy.controllers());
      } catch (IOException e) {
        reason = String.valueOf(e.getMessage());
      }
    }
    return new Made(made, missing, reason);
  }

  private synchronized Path parent(CgroupHierarchy hierarchy) throws IOException {
    Path parent = parents.get(hierarchy.mount());
    if (parent == null || !Files.isDirectory(parent)) {
      parent = hierarchy.parent();
      parents.put(hierarchy.mount(), parent);
    }
    return parent;
  }

  /** The controllers that can be had: those of memory, pids and cpu. */
  public Set<String> available() {
    Set<String> available = new TreeSet<>();
    if (Machine.isRoot()) {
      CgroupHierarchy.find().forEach(hierarchy -> available.addAll(hierarchy.controllers()));
    }
    return available;
  }

  /** The most memory that the sandbox had, in bytes; 0 if it is not known. */
  public static long memoryPeak(List<Path> groups) {
    long peak = 0;
    for (Path group : groups) {
      peak = Math.max(peak, CgroupFiles.number(group.resolve("memory.peak"), ""));
      peak = Math.max(peak, CgroupFiles.number(group.resolve("memory.max_usage_in_bytes"), ""));
    }
    return peak;
  }

  /** How many processes the host has killed for want of memory. */
  public static long memoryKills(List<Path> groups) {
    long kills = 0;
    for (Path group : groups) {
      kills += CgroupFiles.number(group.resolve("memory.events"), "oom_kill");
      kills += CgroupFiles.number(group.resolve("memory.oom_control"), "oom_kill");
    }
    return kills;
  }

  /** The same, from what the launcher wrote down at the end. */
  public static long recordedMemoryKills(Path file) {
    return CgroupFiles.number(file, "oom_kill");
  }

  /** Kills whatever is left in the cgroups and removes them. Returns whether they are gone. */
  public static boolean remove(List<Path> groups) throws InterruptedException {
    long deadline = System.nanoTime() + REMOVAL_MILLIS * 1_000_000;
    for (Path group : groups) {
      while (!removed(group)) {
        if (System.nanoTime() > deadline) {
          return false;
        }
        new HashSet<>(CgroupFiles.processes(group)).forEach(Machine::kill);
        Thread.sleep(REMOVAL_STEP_MILLIS);
      }
    }
    return true;
  }

  private static boolean removed(Path group) {
    try {
      Files.deleteIfExists(group);
      return true;
    } catch (DirectoryNotEmptyException busy) {
      return false;
    } catch (IOException busy) {
      return false;
    }
  }
}
