package dev.skerry.sentry.vfs;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.landlock.Domain;

/**
 * One renameat2(2). Holds the sandbox's rename lock, if two directories are involved, then the
 * monitors of the directories (the upper one first), then those of directories that move or are
 * replaced. Linux: do_renameat2() and vfs_rename() of fs/namei.c.
 */
final class Renaming {
  static final int NOREPLACE = 1;
  static final int EXCHANGE = 2;

  private final VirtualFileSystem vfs;
  private final Credentials credentials;
  private final PathWalk from;
  private final PathWalk to;
  private final int flags;

  Renaming(VirtualFileSystem vfs, Credentials credentials, PathWalk from, PathWalk to, int flags) {
    this.vfs = vfs;
    this.credentials = credentials;
    this.from = from;
    this.to = to;
    this.flags = flags;
  }

  private boolean exchanges() {
    return (flags & EXCHANGE) != 0;
  }

  void run(Object renameLock) throws ErrnoException {
    if (from.mount() != to.mount()) {
      throw ErrnoException.of(Errno.EXDEV);
    }
    if (from.last() != PathWalk.Last.NAME) {
      throw ErrnoException.of(Errno.EBUSY);
    }
    if (to.last() != PathWalk.Last.NAME) {
      throw ErrnoException.of((flags & NOREPLACE) != 0 ? Errno.EEXIST : Errno.EBUSY);
    }
    vfs.checkWritable(from.mount());
    if (from.dentry().isPoint() || to.dentry().isPoint()) {
      throw ErrnoException.of(Errno.EROFS);
    }
    Dentry first = from.dentry();
    Dentry second = to.dentry();
    if (first == second) {
      synchronized (first) {
        locked();
      }
      return;
    }
    synchronized (renameLock) {
      boolean secondIsUpper = second.isAboveOrAt(first);
      synchronized (secondIsUpper ? second : first) {
        synchronized (secondIsUpper ? first : second) {
          locked();
        }
      }
    }
  }

  private void locked() throws ErrnoException {
    Dentry source = from.lookupLocked();
    if (source.isNegative()) {
      throw ErrnoException.of(Errno.ENOENT);
    }
    Dentry target = to.lookupLocked();
    checkNames(source, target);
    Domain domain = credentials.domain();
    if (domain != null) {
      Dentry replaced = target.isNegative() ? null : target;
      new Reparenting(from.mount(), source, to.dentry(), replaced, true, exchanges()).check(domain);
    }
    if (!target.isNegative() && source.hasInode(target.inode())) {
      return;
    }
    checkRights(source, target);
    checkNotMounted(source);
    if (!target.isNegative()) {
      checkNotMounted(target);
    }
    boolean replacesDirectory = !target.isNegative() && target.inode().isDirectory();
    if (replacesDirectory && !exchanges()) {
      if (target.hasPoints()) {
        throw ErrnoException.of(Errno.ENOTEMPTY);
      }
      synchronized (target) {
        move(source, target);
      }
    } else {
      move(source, target);
    }
  }

  private void checkNames(Dentry source, Dentry target) throws ErrnoException {
    if (target.isNegative() && exchanges()) {
      throw ErrnoException.of(Errno.ENOENT);
    }
    if (!target.isNegative() && (flags & NOREPLACE) != 0) {
      throw ErrnoException.of(Errno.EEXIST);
    }
    if (exchanges() && to.hasTrailingSlash() && !target.inode().isDirectory()) {
      throw ErrnoException.of(Errno.ENOTDIR);
    }
    if (!source.inode().isDirectory()) {
      if (from.hasTrailingSlash() || (!exchanges() && to.hasTrailingSlash())) {
        throw ErrnoException.of(Errno.ENOTDIR);
      }
    }
    if (source.isAboveOrAt(to.dentry())) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    if (!target.isNegative() && target.isAboveOrAt(from.dentry())) {
      throw ErrnoException.of(exchanges() ? Errno.EINVAL : Errno.ENOTEMPTY);
    }
  }

  private void checkRights(Dentry source, Dentry target) throws ErrnoException {
    NameChanges.checkMayRemove(credentials, from.dentry(), source);
    boolean directory = source.inode().isDirectory();
    if (target.isNegative()) {
      vfs.checkMayCreate(credentials, to.dentry());
    } else {
      NameChanges.checkMayRemove(credentials, to.dentry(), target);
      if (!exchanges() && directory != target.inode().isDirectory()) {
        throw ErrnoException.of(directory ? Errno.ENOTDIR : Errno.EISDIR);
      }
    }
    if (from.dentry() == to.dentry()) {
      return;
    }
    // The entry ".." of a directory changes with its parent.
    if (directory) {
      Access.check(credentials, source.inode(), Access.WRITE);
    }
    if (exchanges() && target.inode().isDirectory()) {
      Access.check(credentials, target.inode(), Access.WRITE);
    }
  }

  private void checkNotMounted(Dentry dentry) throws ErrnoException {
    if (dentry.isPoint() || vfs.mounts().isMountPointIn(from.mount(), dentry)) {
      throw ErrnoException.of(Errno.EBUSY);
    }
  }

  private void move(Dentry source, Dentry target) throws ErrnoException {
    DentryCache cache = vfs.cache();
    from.dentry()
        .inode()
        .rename(
            from.name(),
            source.inode(),
            to.dentry().inode(),
            to.name(),
            target.isNegative() ? null : target.inode(),
            flags);
    if (exchanges()) {
      cache.exchanged(from.dentry(), source, to.dentry(), target);
      FileEvents.moved(from.dentry(), from.name(), source, null);
      FileEvents.moved(to.dentry(), to.name(), target, null);
    } else {
      cache.moved(from.dentry(), source, to.dentry(), to.name(), target);
      FileEvents.moved(from.dentry(), from.name(), source, target.isNegative() ? null : target);
    }
  }
}
