package dev.skerry.sentry.boot;

import dev.skerry.sentry.vfs.Mount;
import java.util.ArrayList;
import java.util.List;

/**
 * The options of a mount in the spec, divided into flags and what is the file system's own.
 *
 * @param flags MS_ flags of {@link Mount}; of rw and ro the last one counts
 * @param data the others, with commas between
 * @param recursive rbind
 */
record MountOptions(int flags, String data, boolean recursive) {
  static MountOptions parse(List<String> options) {
    int flags = 0;
    boolean recursive = false;
    List<String> data = new ArrayList<>();
    for (String option : options) {
      switch (option) {
        case "ro" -> flags |= Mount.MS_RDONLY;
        case "rw" -> flags &= ~Mount.MS_RDONLY;
        case "nosuid" -> flags |= Mount.MS_NOSUID;
        case "suid" -> flags &= ~Mount.MS_NOSUID;
        case "nodev" -> flags |= Mount.MS_NODEV;
        case "dev" -> flags &= ~Mount.MS_NODEV;
        case "noexec" -> flags |= Mount.MS_NOEXEC;
        case "exec" -> flags &= ~Mount.MS_NOEXEC;
        case "noatime" -> flags |= Mount.MS_NOATIME;
        case "atime" -> flags &= ~Mount.MS_NOATIME;
        case "rbind" -> recursive = true;
        case "bind",
            "defaults",
            "relatime",
            "strictatime",
            "nodiratime",
            "diratime",
            "private",
            "rprivate",
            "slave",
            "rslave",
            "shared",
            "rshared" -> {
          // Nothing outside the sandbox sees these mounts, and nothing there shows in them.
        }
        default -> data.add(option);
      }
    }
    return new MountOptions(flags, String.join(",", data), recursive);
  }
}
