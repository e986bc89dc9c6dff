package dev.skerry.sentry.fs.proc;

import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.vfs.PathNames;
import dev.skerry.sentry.vfs.VfsPath;
import org.jspecify.annotations.Nullable;

/** Names of places as whoever asks sees them, from its own root directory. */
final class PlaceNames {
  private PlaceNames() {}

  /** With " (deleted)" after one that is gone. */
  static String shown(VfsPath path) {
    return PathNames.ofOpenFile(root(), path);
  }

  /** The root directory of whoever asks; null for the namespace's own. */
  static @Nullable VfsPath root() {
    Task task = Task.current();
    return task == null ? null : task.fs().root();
  }

  /** Blanks, tabs, newlines and backslashes as octal numbers (proc_pid_mountinfo(5)). */
  static String escaped(String name) {
    StringBuilder out = new StringBuilder(name.length());
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      switch (c) {
        case ' ' -> out.append("\\040");
        case '\t' -> out.append("\\011");
        case '\n' -> out.append("\\012");
        case '\\' -> out.append("\\134");
        default -> out.append(c);
      }
    }
    return out.toString();
  }
}
