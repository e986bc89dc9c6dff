package dev.skerry.oci;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads {@code linux}. */
final class LinuxReader {
  private static final Set<String> NAMESPACES =
      Set.of("pid", "mount", "network", "ipc", "uts", "user", "cgroup");

  private static final Set<String> PRIVATE =
      Set.of("", "private", "rprivate", "slave", "rslave", "unbindable", "runbindable");

  /** The kernel's upper bound of fs.nr_open on 64 bits: INT_MAX less one, a multiple of 64. */
  private static final int MOST_OPEN = 0x7fffffff & -64;

  private LinuxReader() {}

  static LinuxSpec read(Fields linux) {
    namespaces(linux.objects("namespaces"));
    Fields resources = linux.object("resources");
    LinuxSpec.ResourcesSpec limits =
        resources == null ? LinuxSpec.ResourcesSpec.NONE : ResourcesReader.read(resources);
    List<String> masked = paths(linux, "maskedPaths");
    List<String> readonly = paths(linux, "readonlyPaths");
    int nrOpen = sysctl(linux.object("sysctl"));
    if (!PRIVATE.contains(linux.text("rootfsPropagation", ""))) {
      linux.error("rootfsPropagation", "must be of the private family: nothing leaves a sandbox");
    }
    linux.ignore("seccomp", "every system call is answered by the sentry, not by the host");
    linux.ignore("devices", "a sandbox has its own devices and none of the host's");
    linux.ignore("cgroupsPath", "the service places sandboxes in cgroups of its own");
    refuseOthers(linux);
    linux.end();
    return new LinuxSpec(limits, masked, readonly, nrOpen);
  }

  private static void refuseOthers(Fields linux) {
    String identity = "is not supported: ids inside a sandbox are the sentry's own";
    linux.refuse("uidMappings", identity);
    linux.refuse("gidMappings", identity);
    linux.refuse("mountLabel", "is not supported: no SELinux acts inside a sandbox");
    linux.refuse("intelRdt", "is not supported");
    linux.refuse("personality", "is not supported");
    linux.refuse("timeOffsets", "is not supported");
    linux.refuse("netDevices", "is not supported: none of the host's interfaces enters a sandbox");
    linux.refuse("memoryPolicy", "is not supported");
  }

  private static void namespaces(List<Fields> items) {
    Set<String> seen = new HashSet<>();
    for (Fields item : items) {
      String type = item.text("type", "");
      if (type.equals("time")) {
        item.error("type", "is not supported: a sandbox has no time namespace");
      } else if (!NAMESPACES.contains(type)) {
        item.error("type", type.isEmpty() ? "is required" : "is no namespace of Linux");
      } else if (!seen.add(type)) {
        item.error("type", "is there twice");
      }
      item.refuse("path", "is not supported: a sandbox joins no namespace of the host");
      item.end();
    }
  }

  private static List<String> paths(Fields linux, String name) {
    List<String> paths = linux.texts(name);
    for (int i = 0; i < paths.size(); i++) {
      String path = paths.get(i);
      if (!path.startsWith("/") || Fields.bytes(path) > MountReader.MOST_PATH) {
        linux.problems().error(linux.pointer(name) + "/" + i, "must be an absolute path");
      }
    }
    return paths;
  }

  private static int sysctl(@Nullable Fields fields) {
    if (fields == null) {
      return 0;
    }
    int nrOpen = 0;
    String text = fields.text("fs.nr_open");
    if (text != null) {
      nrOpen = text.matches("[0-9]{1,9}") ? Integer.parseInt(text) : 0;
      if (nrOpen < 1 || nrOpen > MOST_OPEN) {
        fields.error("fs.nr_open", "must be a whole number, from 1 to 999999999");
      }
    }
    for (Map.Entry<?, ?> other : fields.others()) {
      fields.error((String) other.getKey(), "cannot be set: only fs.nr_open can");
    }
    return nrOpen;
  }
}
