package dev.skerry.sentry.vfs;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Credentials;
import org.jspecify.annotations.Nullable;

/**
 * One walk along a path (path_resolution(7)). Used by one thread, then {@link #close}d. Linux:
 * struct nameidata.
 */
final class PathWalk {
  /** RESOLVE_ flags of openat2(2). */
  static final long NO_XDEV = 1;

  static final long NO_MAGICLINKS = 2;
  static final long NO_SYMLINKS = 4;
  static final long BENEATH = 8;
  static final long IN_ROOT = 16;

  /** What the last component is. */
  enum Last {
    NAME,
    DOT,
    DOT_DOT,
    /** There is none: the path consists of slashes. */
    ROOT
  }

  /** PATH_MAX, with the NUL. */
  static final int MOST_BYTES = 4096;

  private static final int MOST_LINKS = 40;

  private final DentryCache cache;
  private final MountTable mounts;
  private final Credentials credentials;
  private final long resolve;
  private final VfsPath start;
  private final Mount rootMount;
  private final Dentry rootDentry;
  private Mount mount;
  private Dentry dentry;
  private String name = "";
  private Last last = Last.ROOT;
  private boolean trailingSlash;
  private int links;
  private @Nullable OpenFileDescription file;
  private @Nullable WalkAhead ahead;
  private boolean opens;

  /**
   * @param start where a relative path begins; null for the working directory
   */
  PathWalk(VirtualFileSystem vfs, Origin origin, @Nullable VfsPath start, long resolve) {
    this.cache = vfs.cache();
    this.mounts = vfs.mounts();
    this.credentials = origin.credentials();
    this.resolve = resolve;
    this.start = start == null ? origin.cwd() : start;
    VfsPath root = (resolve & (BENEATH | IN_ROOT)) != 0 ? this.start : origin.root();
    this.rootMount = root.mount();
    this.rootDentry = root.dentry();
    this.mount = this.start.mount();
    this.dentry = this.start.dentry();
  }

  /** Where the walk is: the directory of the last component after {@link #toParent}. */
  VfsPath at() {
    return new VfsPath(mount, dentry);
  }

  Mount mount() {
    return mount;
  }

  Dentry dentry() {
    return dentry;
  }

  /** The last component, which {@link #toParent} leaves over. */
  String name() {
    return name;
  }

  Last last() {
    return last;
  }

  /** Whether slashes follow the last component. */
  boolean hasTrailingSlash() {
    return trailingSlash;
  }

  /** The open file without a place that a magic link led to, while the walk is not closed. */
  @Nullable OpenFileDescription file() {
    return file;
  }

  /** The last component, perhaps a negative dentry. */
  Dentry lookup() throws ErrnoException {
    Dentry known = ahead == null ? null : ahead.lookup(cache, dentry, name);
    return known != null ? known : cache.lookup(dentry, name);
  }

  /** The same, by a caller that holds the directory's monitor. */
  Dentry lookupLocked() throws ErrnoException {
    Dentry known = ahead == null ? null : ahead.lookup(cache, dentry, name);
    return known != null ? known : cache.lookupLocked(dentry, name);
  }

  /** The file at the end is to be opened for reading. */
  void setOpens() {
    opens = true;
  }

  /** Looks the last component up anew the next time. */
  void forgetLast() {
    ahead = null;
  }

  private Dentry find() throws ErrnoException {
    Dentry found = lookup();
    if (found.isNegative()) {
      throw ErrnoException.of(Errno.ENOENT);
    }
    return found;
  }

  void close() {
    if (file != null) {
      file.drop();
      file = null;
    }
  }

  /** Walks to the end; flags as of {@link VirtualFileSystem#walk}. */
  VfsPath to(String path, int flags) throws ErrnoException {
    if (path.isEmpty()) {
      if ((flags & VirtualFileSystem.EMPTY) == 0) {
        throw ErrnoException.of(Errno.ENOENT);
      }
      if ((flags & VirtualFileSystem.DIRECTORY) != 0) {
        requireDirectory();
      }
      return start;
    }
    toParent(path);
    finish((flags & VirtualFileSystem.FOLLOW) != 0);
    if (trailingSlash || (flags & VirtualFileSystem.DIRECTORY) != 0) {
      requireDirectory();
    }
    return at();
  }

  /** Goes from the parent to the last component, and does not follow it. */
  VfsPath end() throws ErrnoException {
    finish(false);
    if (trailingSlash) {
      requireDirectory();
    }
    return at();
  }

  /** Goes from the parent to the last component itself. */
  private void finish(boolean follow) throws ErrnoException {
    while (true) {
      switch (last) {
        case ROOT, DOT -> {
          return;
        }
        case DOT_DOT -> {
          up();
          return;
        }
        case NAME -> {
          Dentry child = find();
          boolean link = child.inode().isSymlink() && (follow || trailingSlash);
          if (!link) {
            enter(child);
            return;
          }
          if (!followLast(child)) {
            return;
          }
        }
      }
    }
  }

  /**
   * Follows the symbolic link that the last component is, to the parent of what it leads to.
   *
   * @return false if it was a magic link: then the walk is at the end
   */
  boolean followLast(Dentry link) throws ErrnoException {
    boolean slash = trailingSlash;
    Access.checkFollow(credentials, dentry.inode(), link.inode());
    String target = target(link);
    if (target == null) {
      return false;
    }
    toParent(slash ? target + "/" : target);
    return true;
  }

  /** Walks all but the last component of a path that is not empty. */
  void toParent(String wholePath) throws ErrnoException {
    String path = wholePath;
    int at = begin(path);
    while (at < path.length()) {
      int end = path.indexOf('/', at);
      int next = end < 0 ? path.length() : skipSlashes(path, end);
      classify(path.substring(at, end < 0 ? path.length() : end));
      requireDirectory();
      if (ahead == null || !ahead.reaches(dentry)) {
        ahead = WalkAhead.ask(dentry, path, at, opens);
      }
      Access.search(credentials, dentry.inode());
      if (next == path.length()) {
        trailingSlash = end >= 0;
        return;
      }
      Dentry link = step();
      if (link != null) {
        String target = target(link);
        if (target != null) {
          path = target + path.substring(end);
          at = begin(path);
          continue;
        }
      }
      at = next;
    }
    last = Last.ROOT;
    trailingSlash = false;
  }

  private int begin(String path) throws ErrnoException {
    ahead = null;
    if (path.isEmpty()) {
      throw ErrnoException.of(Errno.ENOENT);
    }
    if (path.charAt(0) != '/') {
      return 0;
    }
    if ((resolve & BENEATH) != 0 || ((resolve & NO_XDEV) != 0 && mount != rootMount)) {
      throw ErrnoException.of(Errno.EXDEV);
    }
    mount = rootMount;
    dentry = rootDentry;
    return skipSlashes(path, 0);
  }

  private static int skipSlashes(String path, int from) {
    int at = from;
    while (at < path.length() && path.charAt(at) == '/') {
      at++;
    }
    return at;
  }

  private void classify(String component) {
    name = component;
    last =
        switch (component) {
          case "." -> Last.DOT;
          case ".." -> Last.DOT_DOT;
          default -> Last.NAME;
        };
  }

  /** One component that is not the last; returns a symbolic link that is there, to be followed. */
  private @Nullable Dentry step() throws ErrnoException {
    if (last == Last.DOT) {
      return null;
    }
    if (last == Last.DOT_DOT) {
      up();
      return null;
    }
    Dentry child = find();
    if (child.inode().isSymlink()) {
      return child;
    }
    enter(child);
    return null;
  }

  /** Goes to a child, and to what is mounted on it. */
  private void enter(Dentry child) throws ErrnoException {
    dentry = child;
    if (child.isMountPoint()) {
      ascendMounts();
    }
  }

  private void ascendMounts() throws ErrnoException {
    while (dentry.isMountPoint()) {
      Mount over = mounts.at(mount, dentry);
      if (over == null) {
        return;
      }
      if ((resolve & NO_XDEV) != 0) {
        throw ErrnoException.of(Errno.EXDEV);
      }
      mount = over;
      dentry = over.root();
    }
  }

  private boolean isAtRoot() {
    return dentry == rootDentry && mount == rootMount;
  }

  private void up() throws ErrnoException {
    while (!isAtRoot() && dentry == mount.root()) {
      VfsPath point = mount.point();
      if (point == null) {
        ascendMounts();
        return;
      }
      if ((resolve & NO_XDEV) != 0) {
        throw ErrnoException.of(Errno.EXDEV);
      }
      mount = point.mount();
      dentry = point.dentry();
    }
    if (isAtRoot()) {
      if ((resolve & BENEATH) != 0) {
        throw ErrnoException.of(Errno.EXDEV);
      }
      return;
    }
    Dentry parent = dentry.parent();
    if (parent != null) {
      enter(parent);
    }
  }

  /** The text of a link, or null after going to where a magic link leads. */
  private @Nullable String target(Dentry link) throws ErrnoException {
    if (links++ >= MOST_LINKS || (resolve & NO_SYMLINKS) != 0 || mount.isNoSymfollow()) {
      throw ErrnoException.of(Errno.ELOOP);
    }
    MagicTarget magic = link.inode().magicTarget();
    if (magic == null) {
      return link.inode().readlink();
    }
    jump(magic);
    return null;
  }

  private void jump(MagicTarget magic) throws ErrnoException {
    close();
    file = magic.file();
    VfsPath path = magic.path();
    if ((resolve & NO_MAGICLINKS) != 0) {
      throw ErrnoException.of(Errno.ELOOP);
    }
    if ((resolve & (BENEATH | IN_ROOT)) != 0
        || ((resolve & NO_XDEV) != 0 && (path == null || path.mount() != mount))) {
      throw ErrnoException.of(Errno.EXDEV);
    }
    if (path == null) {
      if (file == null) {
        throw ErrnoException.of(Errno.ENOENT);
      }
      path = mounts.placeOf(file);
    } else {
      close();
    }
    mount = path.mount();
    dentry = path.dentry();
    last = Last.ROOT;
  }

  private void requireDirectory() throws ErrnoException {
    if (!dentry.inode().isDirectory()) {
      throw ErrnoException.of(Errno.ENOTDIR);
    }
  }
}
