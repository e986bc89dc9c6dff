package dev.skerry.sentry.vfs;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** Names of places, as getcwd(2) and /proc show them. Linux: fs/d_path.c. */
public final class PathNames {
  private PathNames() {}

  /** The name as seen from the namespace's root, with " (deleted)" after one that is gone. */
  public static String ofOpenFile(VfsPath path) {
    return ofOpenFile(null, path);
  }

  /** As {@link #ofOpenFile(VfsPath)}, as seen from {@code root} if there is one. */
  public static String ofOpenFile(@Nullable VfsPath root, VfsPath path) {
    String name = relativeTo(root, path);
    return path.dentry().isDeleted() ? name + " (deleted)" : name;
  }

  /** The name as getcwd(2) shows it: with "(unreachable)" before one that is not below the root. */
  public static String asSeenFrom(VfsPath root, VfsPath path) {
    String name = relativeTo(root, path);
    return isBelow(root, path) ? name : "(unreachable)" + name;
  }

  /** The name as seen from {@code root}; null if the place is not below it. */
  public static @Nullable String below(VfsPath root, VfsPath path) {
    return isBelow(root, path) ? relativeTo(root, path) : null;
  }

  /** The name within the file system alone, whatever is mounted where. */
  public static String inFileSystem(Dentry dentry) {
    StringBuilder name = new StringBuilder();
    Dentry at = dentry;
    Dentry parent = at.parent();
    while (parent != null) {
      name.insert(0, at.name()).insert(0, '/');
      at = parent;
      parent = at.parent();
    }
    return name.isEmpty() ? at.name() : name.toString();
  }

  private static boolean isBelow(VfsPath root, VfsPath path) {
    Mount mount = path.mount();
    Dentry dentry = path.dentry();
    while (true) {
      if (mount == root.mount() && root.dentry().isAboveOrAt(dentry)) {
        return true;
      }
      VfsPath point = mount.point();
      if (point == null) {
        return false;
      }
      mount = point.mount();
      dentry = point.dentry();
    }
  }

  /**
   * The absolute name as seen from {@code root}.
   *
   * @param root or null for the namespace's own
   */
  public static String relativeTo(@Nullable VfsPath root, VfsPath path) {
    ArrayDeque<String> names = new ArrayDeque<>();
    Mount mount = path.mount();
    Dentry dentry = path.dentry();
    while (root == null || dentry != root.dentry() || mount != root.mount()) {
      if (dentry == mount.root()) {
        VfsPath point = mount.point();
        if (point == null) {
          break;
        }
        mount = point.mount();
        dentry = point.dentry();
        continue;
      }
      Dentry parent = dentry.parent();
      if (parent == null) {
        break;
      }
      names.addFirst(dentry.name());
      dentry = parent;
    }
    return names.isEmpty() ? "/" : "/" + String.join("/", names);
  }
}
