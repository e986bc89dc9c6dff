package dev.skerry.sentry.vfs;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.landlock.AccessRights;
import dev.skerry.sentry.landlock.Domain;
import org.jspecify.annotations.Nullable;

/** One open(2). Linux: path_openat() and do_open() of fs/namei.c. */
final class Opening {
  private static final int O_TMPFILE_BIT = OpenFlags.O_TMPFILE & ~OpenFlags.O_DIRECTORY;
  private static final int PATH_FLAGS =
      OpenFlags.O_PATH | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW;

  /** What does not stay with the description. */
  private static final int CREATION_FLAGS =
      OpenFlags.O_CREAT | OpenFlags.O_EXCL | OpenFlags.O_TRUNC | OpenFlags.O_CLOEXEC;

  private final VirtualFileSystem vfs;
  private final Origin origin;
  private final Credentials credentials;
  private final int flags;
  private final int mode;

  Opening(VirtualFileSystem vfs, Origin origin, int flags, int mode) {
    this.vfs = vfs;
    this.origin = origin;
    this.credentials = origin.credentials();
    this.flags = has(flags, OpenFlags.O_PATH) ? flags & PATH_FLAGS : flags;
    this.mode = mode;
  }

  private static boolean has(int flags, int flag) {
    return (flags & flag) != 0;
  }

  private boolean has(int flag) {
    return has(flags, flag);
  }

  OpenFileDescription open(PathWalk walk, String path) throws ErrnoException {
    boolean create = has(OpenFlags.O_CREAT);
    if (has(O_TMPFILE_BIT)) {
      return openTemporary(walk.to(path, VirtualFileSystem.FOLLOW | VirtualFileSystem.DIRECTORY));
    }
    if (create) {
      return openOrCreate(walk, path);
    }
    int walkFlags = has(OpenFlags.O_NOFOLLOW) ? 0 : VirtualFileSystem.FOLLOW;
    if (has(OpenFlags.O_DIRECTORY)) {
      walkFlags |= VirtualFileSystem.DIRECTORY;
    } else if (!has(OpenFlags.O_PATH | OpenFlags.O_ACCMODE)) {
      walk.setOpens();
    }
    return openExisting(walk, walk.to(path, walkFlags));
  }

  private OpenFileDescription openTemporary(VfsPath directory) throws ErrnoException {
    vfs.checkWritable(directory.mount());
    Inode parent = directory.inode();
    Access.check(credentials, parent, Access.WRITE | Access.EXECUTE);
    Stat attributes = parent.stat();
    int permissions = mode & 07777 & ~origin.umask();
    Inode made =
        parent.createTemporary(
            Access.modeIn(credentials, attributes, permissions, false),
            Access.ownerIn(credentials, attributes));
    Dentry nameless = new Dentry(directory.dentry(), "#" + made.stat().ino(), made);
    nameless.setDeleted();
    nameless.linkable = !has(OpenFlags.O_EXCL);
    return finish(new VfsPath(directory.mount(), nameless));
  }

  private OpenFileDescription openOrCreate(PathWalk walk, String path) throws ErrnoException {
    if (path.isEmpty()) {
      throw ErrnoException.of(Errno.ENOENT);
    }
    walk.toParent(path);
    while (true) {
      if (walk.last() != PathWalk.Last.NAME) {
        return openExisting(walk, walk.end());
      }
      if (walk.hasTrailingSlash()) {
        throw ErrnoException.of(Errno.EISDIR);
      }
      Dentry child = walk.lookup();
      if (child.isNegative()) {
        child = create(walk);
        if (child == null) {
          walk.forgetLast();
          continue;
        }
        OpenFileDescription made = finish(new VfsPath(walk.mount(), child));
        made.setCreated();
        return made;
      }
      if (has(OpenFlags.O_EXCL)) {
        throw ErrnoException.of(Errno.EEXIST);
      }
      if (!child.inode().isSymlink()) {
        return openExisting(walk, walk.end());
      }
      if (has(OpenFlags.O_NOFOLLOW)) {
        throw ErrnoException.of(Errno.ELOOP);
      }
      if (!walk.followLast(child)) {
        return openExisting(walk, walk.at());
      }
    }
  }

  /** Makes the file; null if somebody else was quicker. */
  private @Nullable Dentry create(PathWalk walk) throws ErrnoException {
    Dentry directory = walk.dentry();
    synchronized (directory) {
      if (!walk.lookupLocked().isNegative()) {
        return null;
      }
      vfs.checkWritable(walk.mount());
      Restrictions.check(credentials, walk.mount(), directory, AccessRights.MAKE_REG);
      vfs.checkMayCreate(credentials, directory);
      Stat attributes = directory.inode().stat();
      int permissions = mode & 07777 & ~origin.umask();
      try {
        Inode made =
            directory
                .inode()
                .create(
                    walk.name(),
                    Access.modeIn(credentials, attributes, permissions, false),
                    Access.ownerIn(credentials, attributes));
        Dentry created = vfs.cache().created(directory, walk.name(), made);
        FileEvents.created(directory, created);
        return created;
      } catch (ErrnoException e) {
        vfs.cache().forget(directory, walk.name());
        if (e.errno() == Errno.EEXIST && !has(OpenFlags.O_EXCL)) {
          return null;
        }
        throw e;
      }
    }
  }

  private OpenFileDescription openExisting(PathWalk walk, VfsPath path) throws ErrnoException {
    Inode inode = path.inode();
    if (has(OpenFlags.O_PATH)) {
      return finish(path);
    }
    if (inode.isSymlink()) {
      throw ErrnoException.of(Errno.ELOOP);
    }
    if (inode.isDirectory() && ((wanted() & Access.WRITE) != 0 || has(OpenFlags.O_CREAT))) {
      throw ErrnoException.of(Errno.EISDIR);
    }
    boolean truncates = has(OpenFlags.O_TRUNC) && inode.isRegular();
    if (truncates) {
      vfs.checkWritable(path.mount());
    }
    checkDevice(path);
    Access.check(credentials, inode, wanted());
    FileFlags.checkOpen(inode, flags);
    if (has(OpenFlags.O_NOATIME) && !Access.isOwner(credentials, inode.stat())) {
      throw ErrnoException.of(Errno.EPERM);
    }
    if (inode.isRegular() && (wanted() & Access.WRITE) != 0) {
      vfs.checkWritable(path.mount());
      inode.checkNotRunning();
    }
    OpenFileDescription magic = walk.file();
    if (magic != null) {
      return magic.reopen(flags & ~CREATION_FLAGS);
    }
    OpenFileDescription opened = finish(path);
    try {
      if (truncates && opened.isWithheld(AccessRights.TRUNCATE)) {
        throw ErrnoException.of(Errno.EACCES);
      }
      LeaseBreak awaited = LeaseBreak.begin(inode, has(OpenFlags.O_ACCMODE));
      if (awaited != null) {
        opened.setLeaseBreak(awaited);
      }
      if (awaited != null && truncates) {
        awaited.thenTruncate(credentials, path, 0);
      } else if (truncates) {
        AttributeRules.truncate(credentials, path, 0);
      }
      return opened;
    } catch (ErrnoException e) {
      opened.drop();
      throw e;
    }
  }

  private static void checkDevice(VfsPath path) throws ErrnoException {
    int type = path.inode().type();
    boolean device = type == Inode.S_IFCHR || type == Inode.S_IFBLK;
    if (device && !path.mount().allowsDevices()) {
      throw ErrnoException.of(Errno.EACCES);
    }
  }

  /** The access that the flags ask for: mode 3 wants both rights and gets neither. */
  private int wanted() {
    int access =
        switch (flags & OpenFlags.O_ACCMODE) {
          case OpenFlags.O_RDONLY -> Access.READ;
          case OpenFlags.O_WRONLY -> Access.WRITE;
          default -> Access.READ | Access.WRITE;
        };
    return has(OpenFlags.O_TRUNC) ? access | Access.WRITE : access;
  }

  OpenFileDescription finish(VfsPath path) throws ErrnoException {
    if (has(OpenFlags.O_PATH)) {
      PathFile file = new PathFile(path, flags);
      file.setOpener(credentials);
      file.hold(path);
      return file;
    }
    Domain domain = credentials.domain();
    int withheld = domain == null ? 0 : Restrictions.atOpening(domain, path, flags);
    OpenFileDescription file = vfs.openFound(path, flags & ~CREATION_FLAGS);
    if (withheld != 0) {
      file.setWithheld(withheld);
    }
    if (has(OpenFlags.O_DIRECT) && !file.canBeDirect()) {
      file.drop();
      throw ErrnoException.of(Errno.EINVAL);
    }
    if (file instanceof PlacedFile placed) {
      placed.setOpener(credentials);
      placed.openedBy(credentials);
    }
    return file;
  }

  /** Opens by type, without checks. */
  static OpenFileDescription byType(SpecialFiles specialFiles, VfsPath path, int flags)
      throws ErrnoException {
    Inode inode = path.inode();
    int kept = flags & ~CREATION_FLAGS;
    int status = kept & ~OpenFlags.O_NOCTTY;
    if (inode instanceof PlacelessFileSystem.OpenInode open) {
      return open.file().reopen(status);
    }
    OpenFileDescription file =
        switch (inode.type()) {
          case Inode.S_IFREG -> inode.open(path, status);
          case Inode.S_IFDIR -> new DirectoryFile(path, status);
          case Inode.S_IFIFO, Inode.S_IFCHR, Inode.S_IFBLK -> specialFiles.open(path, kept);
          case Inode.S_IFLNK -> throw ErrnoException.of(Errno.ELOOP);
          default -> throw ErrnoException.of(Errno.ENXIO);
        };
    file.hold(path);
    return file;
  }
}
