package dev.skerry.sentry.fs.proc;

import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.vfs.DeviceNumbers;
import dev.skerry.sentry.vfs.FileSystem;
import dev.skerry.sentry.vfs.Mount;
import dev.skerry.sentry.vfs.PathNames;
import dev.skerry.sentry.vfs.VfsPath;
import org.jspecify.annotations.Nullable;

/**
 * The mounts of a task's namespace that lie below its root directory, in the formats of fstab(5)
 * and proc_pid_mountinfo(5).
 */
final class MountsText {
  private MountsText() {}

  private static @Nullable String point(Task task, Mount mount) {
    return PathNames.below(task.fs().root(), new VfsPath(mount, mount.root()));
  }

  static String mounts(Task task) {
    StringBuilder out = new StringBuilder();
    for (Mount mount : task.mountNamespace().mounts()) {
      String point = point(task, mount);
      if (point != null) {
        FileSystem fileSystem = mount.fileSystem();
        out.append(PlaceNames.escaped(mount.source()))
            .append(' ')
            .append(PlaceNames.escaped(point))
            .append(' ')
            .append(fileSystem.type())
            .append(' ')
            .append(options(mount, mount.isReadOnly()))
            .append(fileSystem.options())
            .append(" 0 0\n");
      }
    }
    return out.toString();
  }

  static String mountinfo(Task task) {
    StringBuilder out = new StringBuilder();
    for (Mount mount : task.mountNamespace().mounts()) {
      String point = point(task, mount);
      if (point != null) {
        FileSystem fileSystem = mount.fileSystem();
        VfsPath place = mount.point();
        long device = device(mount);
        out.append(mount.id())
            .append(' ')
            .append(place == null ? mount.id() : place.mount().id())
            .append(' ')
            .append(DeviceNumbers.major(device))
            .append(':')
            .append(DeviceNumbers.minor(device))
            .append(' ')
            .append(PlaceNames.escaped(PathNames.inFileSystem(mount.root())))
            .append(' ')
            .append(PlaceNames.escaped(point))
            .append(' ')
            .append(options(mount, (mount.flags() & Mount.MS_RDONLY) != 0))
            .append(mount.propagation())
            .append(" - ")
            .append(fileSystem.type())
            .append(' ')
            .append(PlaceNames.escaped(mount.source()))
            .append(fileSystem.isReadOnly() ? " ro" : " rw")
            .append(fileSystem.options())
            .append('\n');
      }
    }
    return out.toString();
  }

  static String mountstats(Task task) {
    StringBuilder out = new StringBuilder();
    for (Mount mount : task.mountNamespace().mounts()) {
      String point = point(task, mount);
      if (point != null) {
        out.append("device ")
            .append(PlaceNames.escaped(mount.source()))
            .append(" mounted on ")
            .append(PlaceNames.escaped(point))
            .append(" with fstype ")
            .append(mount.fileSystem().type())
            .append('\n');
      }
    }
    return out.toString();
  }

  private static long device(Mount mount) {
    try {
      return mount.root().inode().stat().dev();
    } catch (ErrnoException e) {
      // A root that cannot be asked any more has no device.
      return 0;
    }
  }

  /**
   * Options as fstab(5) has them.
   *
   * @param readOnly whether "ro" is shown
   */
  private static String options(Mount mount, boolean readOnly) {
    StringBuilder out = new StringBuilder(readOnly ? "ro" : "rw");
    if (mount.isNoSuid()) {
      out.append(",nosuid");
    }
    if (mount.isNoDev()) {
      out.append(",nodev");
    }
    if (mount.isNoExec()) {
      out.append(",noexec");
    }
    int times = mount.flags() & Mount.ACCESS_TIMES;
    if ((times & Mount.MS_NOATIME) != 0) {
      out.append(",noatime");
    }
    if ((times & Mount.MS_NODIRATIME) != 0) {
      out.append(",nodiratime");
    }
    if ((times & (Mount.MS_NOATIME | Mount.MS_STRICTATIME)) == 0) {
      out.append(",relatime");
    }
    return out.append(mount.isNoSymfollow() ? ",nosymfollow" : "").toString();
  }
}
