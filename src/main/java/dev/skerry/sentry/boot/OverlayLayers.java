package dev.skerry.sentry.boot;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.fs.overlay.OverlayFileSystem;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.vfs.Access;
import dev.skerry.sentry.vfs.FileSystem;
import dev.skerry.sentry.vfs.Inode;
import dev.skerry.sentry.vfs.Origin;
import dev.skerry.sentry.vfs.VfsPath;
import dev.skerry.sentry.vfs.VirtualFileSystem;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The directories of an overlay that a guest mounts. Linux: fs/overlayfs/super.c. */
final class OverlayLayers {
  /** OVL_MAX_STACK. */
  private static final int MOST_LOWER = 500;

  private final VirtualFileSystem vfs;
  private final Origin origin;
  private final List<Inode> lower = new ArrayList<>();
  private @Nullable VfsPath upper;
  private @Nullable VfsPath work;

  OverlayLayers(VirtualFileSystem vfs, Origin origin) {
    this.vfs = vfs;
    this.origin = origin;
  }

  /** Names with colons between, the uppermost first; a backslash takes a colon's meaning away. */
  void lower(String names) throws ErrnoException {
    StringBuilder name = new StringBuilder();
    for (int i = 0; i <= names.length(); i++) {
      char c = i < names.length() ? names.charAt(i) : ':';
      if (c == '\\' && i + 1 < names.length()) {
        name.append(names.charAt(++i));
      } else if (c != ':') {
        name.append(c);
      } else {
        add(name.toString());
        name.setLength(0);
      }
    }
  }

  /** One more below those that are there, by its name as it is. */
  void addLower(String name) throws ErrnoException {
    add(name);
  }

  private void add(String name) throws ErrnoException {
    if (name.isEmpty() || lower.size() >= MOST_LOWER) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    lower.add(layer(name).inode());
  }

  void upper(String name) throws ErrnoException {
    upper = layer(name);
  }

  void work(String name) throws ErrnoException {
    work = layer(name);
  }

  /**
   * What is mounted over a layer does not show in it, so nothing may be that must hide something.
   */
  private VfsPath layer(String name) throws ErrnoException {
    int flags = VirtualFileSystem.FOLLOW | VirtualFileSystem.DIRECTORY;
    VfsPath found = vfs.walk(origin, null, name, flags);
    Task task = Task.current();
    if (task != null) {
      vfs.changes(task.mountNamespace()).checkLayer(found);
    }
    return found;
  }

  /**
   * Changes are kept in the work directory, and come into the upper one when the overlay ends; what
   * is in there before is the uppermost of the lower layers.
   */
  FileSystem make() throws ErrnoException {
    VfsPath top = upper;
    VfsPath beside = work;
    if (lower.isEmpty() || top == null || beside == null) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    boolean apart = beside.mount() == top.mount() && !beside.inode().equals(top.inode());
    if (!apart || top.mount().isReadOnly()) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    Access.check(origin.credentials(), top.inode(), Access.WRITE | Access.EXECUTE);
    Access.check(origin.credentials(), beside.inode(), Access.WRITE | Access.EXECUTE);
    return OverlayFileSystem.ofLayers(
        lower,
        top.inode(),
        beside.inode(),
        () -> {
          vfs.refresh(top);
          vfs.refresh(beside);
        });
  }
}
