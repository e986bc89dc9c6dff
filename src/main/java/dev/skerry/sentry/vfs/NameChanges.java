package dev.skerry.sentry.vfs;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Capability;
import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.landlock.AccessRights;
import dev.skerry.sentry.sysctl.Sysctl;
import dev.skerry.sentry.sysctl.SysctlValues;
import org.jspecify.annotations.Nullable;

/**
 * Making and removing names. Each holds the monitor of the directory's dentry while it asks the
 * file system. Linux: filename_create(), vfs_mkdir() and their like of fs/namei.c.
 */
final class NameChanges {
  private static final int MOST_TARGET_BYTES = 4095;

  private final VirtualFileSystem vfs;
  private final DentryCache cache;

  NameChanges(VirtualFileSystem vfs) {
    this.vfs = vfs;
    this.cache = vfs.cache();
  }

  private interface Maker {
    Inode make(Inode directory, Stat attributes, String name) throws ErrnoException;
  }

  /** What is asked before permissions are: whether the caller has forbidden it itself. */
  private interface Check {
    void check(Mount mount, Dentry directory) throws ErrnoException;
  }

  /**
   * @param type of the file, an S_IF constant
   */
  private Dentry make(Origin origin, @Nullable VfsPath start, String path, int type, Maker maker)
      throws ErrnoException {
    PathWalk walk = vfs.newWalk(origin, start, 0);
    try {
      toParent(walk, path);
      if (walk.last() != PathWalk.Last.NAME) {
        throw ErrnoException.of(Errno.EEXIST);
      }
      Credentials who = origin.credentials();
      int right = Restrictions.toMake(type);
      Check check = (mount, parent) -> Restrictions.check(who, mount, parent, right);
      return make(walk, type == Inode.S_IFDIR, who, check, maker);
    } finally {
      walk.close();
    }
  }

  private static void toParent(PathWalk walk, String path) throws ErrnoException {
    if (path.isEmpty()) {
      throw ErrnoException.of(Errno.ENOENT);
    }
    walk.toParent(path);
  }

  private Dentry make(PathWalk walk, boolean isDirectory, Credentials who, Check check, Maker maker)
      throws ErrnoException {
    Dentry parent = walk.dentry();
    String name = walk.name();
    synchronized (parent) {
      if (!walk.lookupLocked().isNegative()) {
        throw ErrnoException.of(Errno.EEXIST);
      }
      if (walk.hasTrailingSlash() && !isDirectory) {
        throw ErrnoException.of(Errno.ENOENT);
      }
      vfs.checkWritable(walk.mount());
      check.check(walk.mount(), parent);
      vfs.checkMayCreate(who, parent);
      try {
        Inode made = maker.make(parent.inode(), parent.inode().stat(), name);
        Dentry created = cache.created(parent, name, made);
        FileEvents.created(parent, created);
        return created;
      } catch (ErrnoException e) {
        cache.forget(parent, name);
        throw e;
      }
    }
  }

  Dentry mkdir(Origin origin, @Nullable VfsPath start, String path, int mode)
      throws ErrnoException {
    Credentials who = origin.credentials();
    int permissions = mode & 01777 & ~origin.umask();
    return make(
        origin,
        start,
        path,
        Inode.S_IFDIR,
        (directory, attributes, name) ->
            directory.mkdir(
                name,
                Access.modeIn(who, attributes, permissions, true),
                Access.ownerIn(who, attributes)));
  }

  /** Makes a file that is only to be mounted on, and that the file system is not told of. */
  VfsPath makePoint(VfsPath directory, String name, Inode point) throws ErrnoException {
    Dentry parent = directory.dentry();
    synchronized (parent) {
      if (!cache.lookupLocked(parent, name).isNegative()) {
        throw ErrnoException.of(Errno.EEXIST);
      }
      return new VfsPath(directory.mount(), cache.addPoint(parent, name, point));
    }
  }

  Dentry mknod(Origin origin, @Nullable VfsPath start, String path, int mode, long device)
      throws ErrnoException {
    Credentials who = origin.credentials();
    int type = mode & Inode.S_IFMT;
    int permissions = mode & 07777 & ~origin.umask();
    boolean isDevice = type == Inode.S_IFCHR || type == Inode.S_IFBLK;
    return make(
        origin,
        start,
        path,
        type,
        (directory, attributes, name) -> {
          if (isDevice && device != 0 && !who.hasCapability(Capability.MKNOD)) {
            throw ErrnoException.of(Errno.EPERM);
          }
          int granted = Access.modeIn(who, attributes, permissions, false);
          Owner owner = Access.ownerIn(who, attributes);
          return type == Inode.S_IFREG
              ? directory.create(name, granted, owner)
              : directory.mknod(name, type | granted, device, owner);
        });
  }

  void symlink(Origin origin, @Nullable VfsPath start, String path, String target)
      throws ErrnoException {
    if (target.isEmpty()) {
      throw ErrnoException.of(Errno.ENOENT);
    }
    if (target.length() > MOST_TARGET_BYTES) {
      throw ErrnoException.of(Errno.ENAMETOOLONG);
    }
    Credentials who = origin.credentials();
    make(
        origin,
        start,
        path,
        Inode.S_IFLNK,
        (directory, attributes, name) ->
            directory.symlink(name, target, Access.ownerIn(who, attributes)));
  }

  /** Gives a file that was found another name. */
  void link(Origin origin, VfsPath file, @Nullable VfsPath start, String path)
      throws ErrnoException {
    Credentials who = origin.credentials();
    PathWalk walk = vfs.newWalk(origin, start, 0);
    try {
      toParent(walk, path);
      if (walk.last() != PathWalk.Last.NAME) {
        throw ErrnoException.of(Errno.EEXIST);
      }
      make(
          walk,
          false,
          who,
          (mount, directory) -> {
            checkMayLink(who, file, mount);
            Reparenting.checkLink(who, mount, file.dentry(), directory);
          },
          (directory, attributes, name) -> {
            checkLinkable(file);
            directory.link(name, file.inode());
            file.dentry().linkable = false;
            FileEvents.ofInode(file.inode(), FileEvents.ATTRIB);
            return file.inode();
          });
    } finally {
      walk.close();
    }
  }

  /** The rules of link(2), and of fs.protected_hardlinks (proc(5)). */
  private static void checkMayLink(Credentials who, VfsPath file, Mount mount)
      throws ErrnoException {
    Inode inode = file.inode();
    if (file.mount() != mount || file.dentry().isPoint()) {
      throw ErrnoException.of(Errno.EXDEV);
    }
    FileFlags.checkMayChange(inode);
    Stat attributes = inode.stat();
    int groupExec = Access.S_ISGID | Access.S_IXGRP;
    boolean safe =
        inode.isRegular()
            && (attributes.mode() & Access.S_ISUID) == 0
            && (attributes.mode() & groupExec) != groupExec
            && Access.isAllowed(who, attributes, Access.READ | Access.WRITE);
    boolean allowed =
        safe
            || Access.isOwner(who, attributes)
            || SysctlValues.SYSTEM.get(Sysctl.PROTECTED_HARDLINKS) == 0;
    if (!allowed) {
      throw ErrnoException.of(Errno.EPERM);
    }
  }

  private static void checkLinkable(VfsPath file) throws ErrnoException {
    if (file.inode().isDirectory()) {
      throw ErrnoException.of(Errno.EPERM);
    }
    if (file.inode().stat().nlink() == 0 && !file.dentry().linkable) {
      throw ErrnoException.of(Errno.ENOENT);
    }
  }

  void unlink(Origin origin, @Nullable VfsPath start, String path) throws ErrnoException {
    PathWalk walk = vfs.newWalk(origin, start, 0);
    try {
      toParent(walk, path);
      if (walk.last() != PathWalk.Last.NAME) {
        throw ErrnoException.of(Errno.EISDIR);
      }
      vfs.checkWritable(walk.mount());
      Dentry parent = walk.dentry();
      synchronized (parent) {
        Dentry child = existing(walk);
        if (walk.hasTrailingSlash()) {
          throw ErrnoException.of(child.inode().isDirectory() ? Errno.EISDIR : Errno.ENOTDIR);
        }
        Credentials who = origin.credentials();
        Restrictions.check(who, walk.mount(), parent, AccessRights.REMOVE_FILE);
        checkMayRemove(who, parent, child);
        if (child.inode().isDirectory()) {
          throw ErrnoException.of(Errno.EISDIR);
        }
        checkNotMounted(walk.mount(), child);
        parent.inode().unlink(walk.name(), child.inode());
        cache.removed(parent, child);
        FileEvents.removed(parent, child);
      }
    } finally {
      walk.close();
    }
  }

  void rmdir(Origin origin, @Nullable VfsPath start, String path) throws ErrnoException {
    PathWalk walk = vfs.newWalk(origin, start, 0);
    try {
      toParent(walk, path);
      switch (walk.last()) {
        case DOT -> throw ErrnoException.of(Errno.EINVAL);
        case DOT_DOT -> throw ErrnoException.of(Errno.ENOTEMPTY);
        case ROOT -> throw ErrnoException.of(Errno.EBUSY);
        case NAME -> {}
      }
      vfs.checkWritable(walk.mount());
      Dentry parent = walk.dentry();
      synchronized (parent) {
        Dentry child = existing(walk);
        Credentials who = origin.credentials();
        Restrictions.check(who, walk.mount(), parent, AccessRights.REMOVE_DIR);
        checkMayRemove(who, parent, child);
        if (!child.inode().isDirectory()) {
          throw ErrnoException.of(Errno.ENOTDIR);
        }
        checkNotMounted(walk.mount(), child);
        if (child.hasPoints()) {
          throw ErrnoException.of(Errno.ENOTEMPTY);
        }
        synchronized (child) {
          parent.inode().rmdir(walk.name(), child.inode());
          cache.removed(parent, child);
          FileEvents.removed(parent, child);
        }
      }
    } finally {
      walk.close();
    }
  }

  private static Dentry existing(PathWalk walk) throws ErrnoException {
    Dentry child = walk.lookupLocked();
    if (child.isNegative()) {
      throw ErrnoException.of(Errno.ENOENT);
    }
    return child;
  }

  static void checkMayRemove(Credentials who, Dentry parent, Dentry child) throws ErrnoException {
    Access.check(who, parent.inode(), Access.WRITE | Access.EXECUTE);
    FileFlags.checkMayShrink(parent.inode());
    FileFlags.checkMayChange(child.inode());
    Access.checkSticky(who, parent.inode(), child.inode());
  }

  private void checkNotMounted(Mount mount, Dentry child) throws ErrnoException {
    if (child.isPoint() || vfs.mounts().isMountPointIn(mount, child)) {
      throw ErrnoException.of(Errno.EBUSY);
    }
  }
}
