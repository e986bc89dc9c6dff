package dev.skerry.sentry.boot;

import dev.skerry.control.ContainerSpec;
import dev.skerry.control.Reply;
import dev.skerry.sentry.vfs.Mount;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What is to be mounted below the root, in order: what every container has, then the spec's own.
 */
final class MountPlan {
  /**
   * One mount.
   *
   * @param destination absolute and clean
   * @param goferMount which of the gofer's roots a bind shows
   * @param pointer to the spec's own; else to its list
   */
  record Entry(
      String destination, String type, MountOptions options, int goferMount, String pointer) {
    int depth() {
      return (int) destination.chars().filter(one -> one == '/').count();
    }
  }

  /** What is made in /dev by itself: a mount there would hide it. */
  private static final List<String> BUILT_IN =
      List.of(
          "/dev/fd",
          "/dev/stdin",
          "/dev/stdout",
          "/dev/stderr",
          "/dev/null",
          "/dev/zero",
          "/dev/full",
          "/dev/random",
          "/dev/urandom",
          "/dev/ptmx",
          "/dev/tty");

  private static final int SAFE = Mount.MS_NOSUID | Mount.MS_NODEV | Mount.MS_NOEXEC;

  private final List<Entry> entries = new ArrayList<>();
  private final List<Reply.Warning> warnings = new ArrayList<>();
  private final boolean specHasTmp;

  private MountPlan(ContainerSpec spec) throws ContainerException {
    List<Entry> own = new ArrayList<>();
    for (ContainerSpec.MountSpec mount : spec.mounts()) {
      add(own, mount);
    }
    Set<String> destinations = new HashSet<>();
    own.forEach(entry -> destinations.add(entry.destination()));
    specHasTmp = destinations.contains("/tmp");
    addDefault(destinations, "/proc", "proc", SAFE);
    addDefault(destinations, "/sys", "sysfs", SAFE | Mount.MS_RDONLY);
    if (!destinations.contains("/sys")) {
      addDefault(destinations, "/sys/fs/cgroup", "cgroup2", SAFE | Mount.MS_RDONLY);
    }
    addDefault(destinations, "/dev", "devtmpfs", Mount.MS_NOSUID | Mount.MS_NOEXEC);
    addDefault(destinations, "/dev/pts", "devpts", Mount.MS_NOSUID | Mount.MS_NOEXEC);
    // Parents first, whatever the order in the spec; the sort is stable.
    own.sort((one, other) -> Integer.compare(one.depth(), other.depth()));
    entries.addAll(own);
  }

  static MountPlan of(ContainerSpec spec) throws ContainerException {
    return new MountPlan(spec);
  }

  List<Entry> entries() {
    return entries;
  }

  /** What of the spec is not done. */
  List<Reply.Warning> warnings() {
    return warnings;
  }

  boolean specHasTmp() {
    return specHasTmp;
  }

  private void addDefault(Set<String> taken, String destination, String type, int flags) {
    if (!taken.contains(destination)) {
      entries.add(new Entry(destination, type, new MountOptions(flags, "", false), 0, "/mounts"));
    }
  }

  private void add(List<Entry> own, ContainerSpec.MountSpec mount) throws ContainerException {
    String pointer = mount.pointer();
    String name = Names.inside(mount.destination());
    if (!name.startsWith("/")) {
      throw new ContainerException(pointer + "/destination", "not an absolute path");
    }
    String destination = clean(name);
    if (destination.equals("/")) {
      throw new ContainerException(pointer + "/destination", "is the root, which /root gives");
    }
    MountOptions options = MountOptions.parse(mount.options());
    String type = typeOf(mount);
    switch (type) {
      case "bind", "tmpfs", "proc", "sysfs", "devpts", "devtmpfs", "cgroup", "cgroup2" -> {}
      default -> {
        warn(pointer + "/type", "there is no file system of type " + mount.type());
        return;
      }
    }
    if (destination.equals("/dev") || isBuiltIn(destination)) {
      warn(pointer + "/destination", mount.destination() + " is the sandbox's own");
      return;
    }
    own.add(new Entry(destination, type, options, mount.goferMount(), pointer));
  }

  private void warn(String pointer, String why) {
    warnings.add(new Reply.Warning(pointer, "ignored, with the whole mount: " + why));
  }

  private static String typeOf(ContainerSpec.MountSpec mount) {
    if (mount.goferMount() > 0) {
      return "bind";
    }
    return mount.type().equals("none") ? "sysfs" : mount.type();
  }

  private static boolean isBuiltIn(String destination) {
    for (String name : BUILT_IN) {
      if (destination.equals(name) || destination.startsWith(name + "/")) {
        return true;
      }
    }
    return false;
  }

  /** The path without ".", "..", double and trailing slashes. */
  static String clean(String path) {
    ArrayDeque<String> parts = new ArrayDeque<>();
    for (String part : path.split("/")) {
      if (part.equals("..")) {
        parts.pollLast();
      } else if (!part.isEmpty() && !part.equals(".")) {
        parts.add(part);
      }
    }
    return "/" + String.join("/", parts);
  }
}
