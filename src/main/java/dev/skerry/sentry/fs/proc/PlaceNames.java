package dev.skerry.sentry.fs.proc;

import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.vfs.Dentry;
import dev.skerry.sentry.vfs.Mount;
import dev.skerry.sentry.vfs.PathNames;
import dev.skerry.sentry.vfs.VfsPath;
import org.jspecify.annotations.Nullable;

/** Names of places as whoever asks sees them, from its own root directory. */
final class PlaceNames {
  private PlaceNames() {}

  /** With " (deleted)" after one that is gone. */
  static String shown(VfsPath path) {
    Task task = Task.current();
    String name = PathNames.relativeTo(task == null ? null : task.fs().root(), path);
    return path.dentry().isDeleted() ? name + " (deleted)" : name;
  }

  /** The name as seen from {@code root}; null if the place is not below it. */
  static @Nullable String below(VfsPath root, VfsPath path) {
    return isBelow(root, path) ? PathNames.relativeTo(root, path) : null;
  }

  private static boolean isBelow(VfsPath root, VfsPath path) {
    Mount mount = path.mount();
    Dentry dentry = path.dentry();
    while (mount != root.mount() || dentry != root.dentry()) {
      Dentry parent = dentry.parent();
      if (dentry == mount.root()) {
        VfsPath point = mount.point();
        if (point == null) {
          return false;
        }
        mount = point.mount();
        dentry = point.dentry();
      } else if (parent == null) {
        return false;
      } else {
        dentry = parent;
      }
    }
    return true;
  }

  /** The name within the file system alone, whatever is mounted where. */
  static String inFileSystem(Dentry dentry) {
    StringBuilder name = new StringBuilder();
    Dentry parent = dentry.parent();
    while (parent != null) {
      name.insert(0, dentry.name()).insert(0, '/');
      dentry = parent;
      parent = dentry.parent();
    }
    return name.isEmpty() ? "/" : name.toString();
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
