package dev.skerry.sentry.boot;

import dev.skerry.abi.Errno;
import dev.skerry.control.ContainerSpec;
import dev.skerry.control.Reply;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.vfs.FileSystem;
import dev.skerry.sentry.vfs.Mount;
import dev.skerry.sentry.vfs.MountNamespace;
import dev.skerry.sentry.vfs.Origin;
import dev.skerry.sentry.vfs.VfsPath;
import dev.skerry.sentry.vfs.VirtualFileSystem;
import java.util.ArrayList;
import java.util.List;

/**
 * Builds a container's tree of mounts, as root and with no umask; what is to be read-only becomes
 * so when all is in place.
 */
final class Mounts {
  private final ContainerSpec spec;
  private final VirtualFileSystem vfs;
  private final FileSystems fileSystems;
  private final MountPlan plan;
  private final List<Mount> readOnly = new ArrayList<>();
  private final MountNamespace namespace;
  private final Origin origin;
  private final MountPoints points;

  private Mounts(ContainerSpec spec, VirtualFileSystem vfs, FileSystems fileSystems)
      throws ErrnoException, ContainerException {
    this.spec = spec;
    this.vfs = vfs;
    this.fileSystems = fileSystems;
    this.plan = MountPlan.of(spec);
    this.namespace = vfs.createNamespace(root(), 0);
    VfsPath root = namespace.root();
    this.origin = new Origin(Credentials.ROOT, root, root, 0);
    this.points = new MountPoints(vfs, origin);
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

  private FileSystem root() throws ErrnoException {
    FileSystem own = fileSystems.gofer(0, "/", true);
    return spec.overlay() ? fileSystems.overlay(own) : own;
  }

  private void mountAll() throws ErrnoException, ContainerException {
    if (!plan.specHasTmp()) {
      mountTmp(true);
    }
    for (MountPlan.Entry entry : plan.entries()) {
      try {
        mount(entry);
      } catch (ErrnoException e) {
        throw new ContainerException(
            entry.pointer(), "cannot mount " + entry.destination() + ": " + e.getMessage());
      }
    }
    if (!plan.specHasTmp()) {
      mountTmp(false);
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
  }

  private void mount(MountPlan.Entry entry) throws ErrnoException {
    MountOptions options = entry.options();
    FileSystem made;
    boolean isBind = entry.type().equals("bind");
    if (isBind) {
      made = bind(entry);
    } else {
      made = fileSystems.make(entry.type(), options.data(), Credentials.ROOT);
    }
    VfsPath point = points.make(entry.destination(), made.root().isDirectory());
    int flags = options.flags() & ~Mount.MS_RDONLY;
    Mount mount = vfs.mount(point, made, isBind ? made.source() : "none", flags);
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

  /** A /tmp that is empty or missing is one in memory; what is mounted in it counts. */
  private void mountTmp(boolean ifMissing) throws ErrnoException {
    VfsPath found = points.find("/tmp");
    boolean wanted =
        ifMissing
            ? found == null
            : found != null
                && found.inode().isDirectory()
                && found.dentry() != found.mount().root()
                && found.dentry().entries().isEmpty();
    if (wanted) {
      vfs.mount(
          points.make("/tmp", true),
          fileSystems.make("tmpfs", "mode=1777", Credentials.ROOT),
          "none",
          0);
    }
  }

  private void protect(String path) throws ErrnoException {
    VfsPath found = points.find(path);
    if (found != null) {
      readOnly.add(vfs.bindAll(found, found));
    }
  }

  private void mask(String path) throws ErrnoException {
    VfsPath found = points.find(path);
    if (found == null) {
      return;
    }
    if (found.inode().isDirectory()) {
      readOnly.add(
          vfs.mount(found, fileSystems.make("tmpfs", "size=0", Credentials.ROOT), "none", 0));
    } else {
      VfsPath nothing = vfs.walk(origin, null, "/dev/null", 0);
      vfs.bind(nothing, found);
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
      VfsPath found = points.makeLasting(MountPlan.clean(name));
      if (!found.inode().isDirectory()) {
        throw ErrnoException.of(Errno.ENOTDIR);
      }
      return found;
    } catch (ErrnoException e) {
      throw new ContainerException(
          "/process/cwd", "no working directory " + name + ": " + e.getMessage());
    }
  }

  /** What of the spec's mounts is not done. */
  List<Reply.Warning> warnings() {
    return plan.warnings();
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
