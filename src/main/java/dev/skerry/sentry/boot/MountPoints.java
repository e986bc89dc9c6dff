package dev.skerry.sentry.boot;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.vfs.OpenFlags;
import dev.skerry.sentry.vfs.Origin;
import dev.skerry.sentry.vfs.VfsPath;
import dev.skerry.sentry.vfs.VirtualFileSystem;
import org.jspecify.annotations.Nullable;

/**
 * Finds places in a container's tree, and makes those that are missing: in the sandbox's own
 * memory, or else as mount points that the gofer's files know nothing of.
 */
final class MountPoints {
  private static final int DIRECTORY_MODE = 0755;
  private static final int FILE_MODE = 0644;
  private static final int MOST_LINKS = 40;
  private static final String GOFER_TYPE = "9p";

  private final VirtualFileSystem vfs;
  private final Origin origin;

  MountPoints(VirtualFileSystem vfs, Origin origin) {
    this.vfs = vfs;
    this.origin = origin;
  }

  /** The place, or null if there is none. */
  @Nullable VfsPath find(String path) throws ErrnoException {
    return walk(path, VirtualFileSystem.FOLLOW);
  }

  private @Nullable VfsPath walk(String path, int flags) throws ErrnoException {
    try {
      return vfs.walk(origin, null, path, flags);
    } catch (ErrnoException e) {
      if (e.errno() == Errno.ENOENT) {
        return null;
      }
      throw e;
    }
  }

  /**
   * The place; what is missing of the path is made.
   *
   * @param path absolute and clean
   * @param directory whether it has to be a directory or a regular file
   */
  VfsPath make(String path, boolean directory) throws ErrnoException {
    return make(path, directory, false, 0);
  }

  /** The same for a directory that the guest is to write in, which the gofer makes if it can. */
  VfsPath makeLasting(String path) throws ErrnoException {
    return make(path, true, true, 0);
  }

  private VfsPath make(String path, boolean directory, boolean lasting, int links)
      throws ErrnoException {
    VfsPath place = find("/");
    if (place == null || links > MOST_LINKS) {
      throw ErrnoException.of(Errno.ELOOP);
    }
    int end = 0;
    while (end < path.length() - 1) {
      int next = path.indexOf('/', end + 1);
      end = next < 0 ? path.length() : next;
      boolean last = end == path.length();
      String prefix = path.substring(0, end);
      VfsPath found = find(prefix);
      place = found != null ? found : add(place, prefix, directory || !last, lasting, links);
    }
    return place;
  }

  /** Makes the last component of the path, or what it leads to if it is a dangling link. */
  private VfsPath add(VfsPath parent, String path, boolean directory, boolean lasting, int links)
      throws ErrnoException {
    VfsPath link = walk(path, 0);
    int slash = path.lastIndexOf('/');
    if (link != null) {
      String target = link.inode().readlink();
      String absolute = target.startsWith("/") ? target : path.substring(0, slash + 1) + target;
      return make(MountPlan.clean(absolute), directory, lasting, links + 1);
    }
    String name = path.substring(slash + 1);
    boolean isGofers = parent.inode().fileSystem().type().equals(GOFER_TYPE);
    boolean mayWrite = lasting && !parent.mount().isReadOnly();
    if (vfs.isOnlyMountPoint(parent) || (isGofers && !mayWrite)) {
      return vfs.makeMountPoint(parent, name, directory);
    }
    if (directory) {
      vfs.mkdir(origin, parent, name, DIRECTORY_MODE);
    } else {
      int flags = OpenFlags.O_CREAT | OpenFlags.O_RDONLY;
      vfs.open(origin, parent, name, flags, FILE_MODE, 0).drop();
    }
    return vfs.walk(origin, parent, name, VirtualFileSystem.FOLLOW);
  }
}
