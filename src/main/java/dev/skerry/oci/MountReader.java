package dev.skerry.oci;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;

/** Reads {@code mounts}. */
final class MountReader {
  /** PATH_MAX without its NUL. */
  static final int MOST_PATH = 4095;

  private static final int MOST_MOUNTS = 1024;

  private static final Set<String> TYPES =
      Set.of("bind", "cgroup", "cgroup2", "devpts", "devtmpfs", "proc", "sysfs", "tmpfs");

  /** What the sentry itself puts below /dev; a mount there would hide it. */
  private static final Set<String> DEVICES =
      Set.of(
          "console", "fd", "full", "null", "ptmx", "random", "stderr", "stdin", "stdout", "tty",
          "urandom", "zero");

  private static final Set<String> HONOURED =
      Set.of(
          "rw",
          "ro",
          "atime",
          "noatime",
          "exec",
          "noexec",
          "suid",
          "nosuid",
          "dev",
          "nodev",
          "relatime",
          "defaults");
  private static final Set<String> TMPFS_DATA = Set.of("mode", "uid", "gid", "size");

  /** Nothing of a sandbox's mounts propagates anywhere, so these say what is so anyway. */
  private static final Set<String> PRIVATE = Set.of("private", "rprivate", "slave", "rslave");

  private MountReader() {}

  static List<MountSpec> readAll(List<Fields> items) {
    List<MountSpec> mounts = new ArrayList<>();
    for (Fields item : items) {
      if (mounts.size() == MOST_MOUNTS) {
        item.problems()
            .error(item.pointer(), "is one mount too many: " + MOST_MOUNTS + " is the most");
        break;
      }
      read(item, mounts);
    }
    return mounts;
  }

  private static void read(Fields item, List<MountSpec> mounts) {
    String destination = destination(item);
    List<String> given = item.texts("options");
    String type = type(item, given);
    String source = item.text("source", "");
    item.refuse("uidMappings", "is not supported: a sandbox shows files with the owners they have");
    item.refuse("gidMappings", "is not supported: a sandbox shows files with the owners they have");
    item.end();
    if (type.equals("bind") && !source.startsWith("/")) {
      item.error("source", "must be an absolute path");
    } else if (Fields.bytes(source) > MOST_PATH) {
      item.error("source", "is longer than a path may be");
    }
    if (!TYPES.contains(type)) {
      item.warn("type", "ignored, with the whole mount: a sandbox has no file system of this type");
    } else if (hidesDevice(destination)) {
      item.warn(
          "destination", "ignored, with the whole mount: the sandbox has its own device there");
    } else {
      List<String> options = options(item, type, given);
      mounts.add(new MountSpec(destination, type, source, options, item.pointer()));
    }
  }

  private static String destination(Fields item) {
    String destination = item.text("destination", "");
    if (!destination.startsWith("/")) {
      item.error("destination", "must be an absolute path");
      return "/";
    }
    if (Fields.bytes(destination) > MOST_PATH) {
      item.error("destination", "is longer than a path may be");
    }
    return clean(destination);
  }

  private static String clean(String path) {
    Deque<String> parts = new ArrayDeque<>();
    for (String part : path.split("/")) {
      if (part.equals("..")) {
        parts.pollLast();
      } else if (!part.isEmpty() && !part.equals(".")) {
        parts.addLast(part);
      }
    }
    return "/" + String.join("/", parts);
  }

  private static String type(Fields item, List<String> options) {
    String type = item.text("type", "");
    if (options.contains("bind") || options.contains("rbind")) {
      if (!type.isEmpty() && !type.equals("bind") && !type.equals("none")) {
        item.error("type", "does not go with the option \"bind\"");
      }
      return "bind";
    }
    if (type.isEmpty()) {
      item.error("type", "is required");
    }
    return type.equals("none") ? "sysfs" : type;
  }

  private static boolean hidesDevice(String destination) {
    if (!destination.startsWith("/dev/")) {
      return false;
    }
    int slash = destination.indexOf('/', 5);
    return DEVICES.contains(destination.substring(5, slash < 0 ? destination.length() : slash));
  }

  private static List<String> options(Fields item, String type, List<String> given) {
    List<String> options = new ArrayList<>();
    for (int i = 0; i < given.size(); i++) {
      String option = given.get(i);
      String pointer = item.pointer("options") + "/" + i;
      if (option.equals("bind") || option.equals("rbind") || PRIVATE.contains(option)) {
        continue;
      }
      int equals = option.indexOf('=');
      String name = equals < 0 ? option : option.substring(0, equals);
      if (type.equals("tmpfs") && equals >= 0 && option.indexOf('=', equals + 1) >= 0) {
        item.problems().error(pointer, "has two equals signs");
      } else if (HONOURED.contains(option)
          || (type.equals("tmpfs") && equals > 0 && TMPFS_DATA.contains(name))) {
        options.add(option);
      } else {
        item.problems()
            .warn(pointer, "ignored: a sandbox does not know the mount option " + option);
      }
    }
    return options;
  }
}
