package dev.skerry.sentry.boot;

import dev.skerry.abi.Errno;
import dev.skerry.control.ContainerSpec;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.vfs.FileSystem;
import dev.skerry.sentry.vfs.Mount;
import dev.skerry.sentry.vfs.MountNamespace;
import dev.skerry.sentry.vfs.OpenFlags;
import dev.skerry.sentry.vfs.Origin;
import dev.skerry.sentry.vfs.VfsPath;
import dev.skerry.sentry.vfs.VirtualFileSystem;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Builds a container's tree of mounts, as root and with no umask; what is to be read-only becomes so
 * when all is in place.
 */
final class Mounts {
  private static final int DIRECTORY_MODE = 0755;

  private final ContainerSpec spec;
  private final VirtualFileSystem vfs;
  private final FileSystems fileSystems;
  private final MountPlan plan;
  private final List<Mount> readOnly = new ArrayList<>();
  private final MountNamespace namespace;
  private final Origin origin;

  private Mounts(ContainerSpec spec, VirtualFileSystem vfs, FileSystems fileSystems)
      throws ErrnoException, ContainerException {
    this.spec = spec;
    this.vfs = vfs;
    this.fileSystems = fileSystems;
    this.plan = MountPlan.of(spec);
    this.namespace = vfs.createNamespace(root(), 0);
    VfsPath root = namespace.root();
    this.origin = new Origin(Credentials.ROOT, root, root, 0);
  }

  /**
   * Builds the tree.
   *
   * @throws ContainerException that names the mount which could not be made
   */
  static Mounts build(ContainerSpec spec, VirtualFileSystem vfs, FileSystems fileSystems)
      throws ErrnoException, ContainerException {
    Mounts mounts = new Mounts(spec, vfs, fileSystems);
    mounts.mountAll();
    return mounts;
  }

  MountNamespace namespace() {
    return namespace;
  }

  /** Where the root's own files cannot be written, mount points are made in a layer above them. */
  private FileSystem root() throws ErrnoException {
    FileSystem own = fileSystems.gofer(0, "/", true);
    return spec.overlay() || spec.rootReadOnly() ? fileSystems.overlay(own) : own;
  }

  private void mountAll() throws ErrnoException, ContainerException {
    for (MountPlan.Entry entry : plan.entries()) {
      try {
        mount(entry);
      } catch (ErrnoException e) {
        throw new ContainerException(
            "/mounts", "cannot mount " + entry.destination() + ": " + e.getMessage());
      }
    }
    if (!plan.specHasTmp()) {
      mountTmp();
    }
    for (String path : spec.readonlyPaths()) {
      protect(Names.inside(path));
    }
    for (String path : spec.maskedPaths()) {
      mask(Names.inside(path));
    }
    if (spec.rootReadOnly()) {
      readOnly.add(namespace.root().mount());
    }
    for (Mount mount : readOnly) {
      vfs.remount(new VfsPath(mount, mount.root()), mount.flags() | Mount.MS_RDONLY);
    }
    for (String warning : plan.warnings()) {
      System.err.println("warning: " + Names.outside(warning));
    }
  }

  private void mount(MountPlan.Entry entry) throws ErrnoException {
    MountOptions options = entry.options();
    FileSystem made;
    if (entry.type().equals("bind")) {
      made = bind(entry);
    } else {
      made = fileSystems.make(entry.type(), options.data());
    }
    VfsPath point = mountPoint(entry.destination(), made.root().isDirectory());
    int flags = options.flags() & ~Mount.MS_RDONLY;
    Mount mount = vfs.mount(point, made, made.source(), flags);
    if ((options.flags() & Mount.MS_RDONLY) != 0) {
      readOnly.add(mount);
    }
  }

  /** With an overlay on the root, what is written to a bind stays in the sandbox too. */
  private FileSystem bind(MountPlan.Entry entry) throws ErrnoException {
    FileSystem own = fileSystems.gofer(entry.goferMount(), entry.destination(), false);
    boolean writable = (entry.options().flags() & Mount.MS_RDONLY) == 0;
    return spec.overlay() && writable ? fileSystems.overlay(own) : own;
  }

  private VfsPath mountPoint(String path, boolean directory) throws ErrnoException {
    makeParents(path);
    VfsPath found = find(path);
    if (found != null) {
      return found;
    }
    if (directory) {
      vfs.mkdir(origin, null, path, DIRECTORY_MODE);
    } else {
      int flags = OpenFlags.O_CREAT | OpenFlags.O_RDONLY;
      vfs.open(origin, null, path, flags, 0644, 0).drop();
    }
    return vfs.walk(origin, null, path, VirtualFileSystem.FOLLOW);
  }

  /** The place, or null if there is none. */
  private @Nullable VfsPath find(String path) throws ErrnoException {
    try {
      return vfs.walk(origin, null, path, VirtualFileSystem.FOLLOW);
    } catch (ErrnoException e) {
      if (e.errno() == Errno.ENOENT) {
        return null;
      }
      throw e;
    }
  }

  private void makeParents(String path) throws ErrnoException {
    for (int slash = path.indexOf('/', 1); slash > 0; slash = path.indexOf('/', slash + 1)) {
      String parent = path.substring(0, slash);
      if (find(parent) == null) {
        vfs.mkdir(origin, null, parent, DIRECTORY_MODE);
      }
    }
  }

  /** A /tmp that is empty or missing is one in memory. */
  private void mountTmp() throws ErrnoException {
    VfsPath found = find("/tmp");
    boolean wanted =
        found == null
            || (found.inode().isDirectory()
                && found.dentry() != found.mount().root()
                && found.inode().entries().isEmpty());
    if (wanted) {
      VfsPath point = mountPoint("/tmp", true);
      vfs.mount(point, fileSystems.make("tmpfs", "mode=1777"), "none", 0);
    }
  }

  private void protect(String path) throws ErrnoException {
    VfsPath found = find(path);
    if (found != null) {
      readOnly.add(vfs.bind(found, found, found.mount().flags()));
    }
  }

  private void mask(String path) throws ErrnoException {
    VfsPath found = find(path);
    if (found == null) {
      return;
    }
    if (found.inode().isDirectory()) {
      readOnly.add(vfs.mount(found, fileSystems.make("tmpfs", "size=0"), "none", 0));
    } else {
      VfsPath nothing = vfs.walk(origin, null, "/dev/null", 0);
      vfs.bind(nothing, found, nothing.mount().flags());
    }
  }

  /**
   * The working directory, which is made if it is missing.
   *
   * @param name absolute
   * @throws ContainerException if it is no directory
   */
  VfsPath workingDirectory(String name) throws ContainerException {
    try {
      String path = MountPlan.clean(name);
      makeParents(path);
      if (find(path) == null) {
        vfs.mkdir(origin, null, path, DIRECTORY_MODE);
      }
      return vfs.walk(
          origin, null, path, VirtualFileSystem.FOLLOW | VirtualFileSystem.DIRECTORY);
    } catch (ErrnoException e) {
      throw new ContainerException(
          "/process/cwd", "no working directory " + name + ": " + e.getMessage());
    }
  }

  /** The environment, with HOME in it. */
  List<String> environment(List<String> variables) {
    for (String variable : variables) {
      if (variable.startsWith("HOME=")) {
        return variables;
      }
    }
    List<String> all = new ArrayList<>(variables);
    all.add("HOME=" + HomeDirectory.of(vfs, origin, spec.uid()));
    return all;
  }
}
