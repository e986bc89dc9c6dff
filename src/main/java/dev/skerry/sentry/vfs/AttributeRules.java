package dev.skerry.sentry.vfs;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Capability;
import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.landlock.AccessRights;

/**
 * Who may change which attributes, and what changes along. Linux: setattr_prepare() of fs/attr.c.
 */
public final class AttributeRules {
  private AttributeRules() {}

  /** EROFS for a place on a read-only mount. */
  public static void checkWritable(VfsPath path) throws ErrnoException {
    if (path.mount().isReadOnly()) {
      throw ErrnoException.of(Errno.EROFS);
    }
  }

  /** chmod(2). */
  public static void chmod(Credentials who, VfsPath path, int mode) throws ErrnoException {
    checkWritable(path);
    Inode inode = path.inode();
    if (inode.isSymlink()) {
      throw ErrnoException.of(Errno.EOPNOTSUPP);
    }
    FileFlags.checkMayChange(inode);
    Stat present = inode.stat();
    if (!Access.isOwner(who, present)) {
      throw ErrnoException.of(Errno.EPERM);
    }
    boolean foreign =
        !who.inGroup(present.gid()) && !Access.hasCapability(who, present, Capability.FSETID);
    int granted = foreign ? mode & ~Access.S_ISGID : mode;
    inode.setAttributes(AttributeChange.ofMode(granted));
    FileEvents.changed(path, FileEvents.ATTRIB);
  }

  /**
   * chown(2).
   *
   * @param uid or -1 to keep
   * @param gid or -1 to keep
   */
  public static void chown(Credentials who, VfsPath path, int uid, int gid) throws ErrnoException {
    checkWritable(path);
    Inode inode = path.inode();
    FileFlags.checkMayChange(inode);
    Stat present = inode.stat();
    if (!Access.hasCapability(who, present, Capability.CHOWN)) {
      boolean own = present.uid() == who.fsuid();
      boolean uidAllowed = uid == -1 || (own && uid == present.uid());
      boolean gidAllowed = gid == -1 || (own && (gid == present.gid() || who.inGroup(gid)));
      if (!uidAllowed || !gidAllowed) {
        throw ErrnoException.of(Errno.EPERM);
      }
    }
    int mode = modeAfterChown(inode, present);
    inode.setAttributes(AttributeChange.ofOwner(uid, gid, mode));
    if (uid != -1 || gid != -1 || mode != -1) {
      FileEvents.changed(path, FileEvents.ATTRIB);
    }
  }

  /** Set-ID bits go when somebody else may come to own the program: always, as in Linux. */
  private static int modeAfterChown(Inode inode, Stat present) {
    if (inode.isDirectory() || inode.isSymlink()) {
      return -1;
    }
    int without = withoutSetIds(present.mode());
    return without == (present.mode() & 07777) ? -1 : without;
  }

  /**
   * The mode bits without set-user-ID, and without a set-group-ID that is not mandatory locking.
   */
  private static int withoutSetIds(int mode) {
    int kept = mode & 07777 & ~Access.S_ISUID;
    return (kept & Access.S_IXGRP) != 0 ? kept & ~Access.S_ISGID : kept;
  }

  /** Takes the set-ID bits off a file whose length is set; returns whether it had any. */
  private static boolean dropSetIds(Credentials who, Inode inode) throws ErrnoException {
    if (!inode.isRegular() || who.hasCapability(Capability.FSETID)) {
      return false;
    }
    int mode = inode.stat().mode();
    int without = withoutSetIds(mode);
    if (without == (mode & 07777)) {
      return false;
    }
    inode.setAttributes(AttributeChange.ofMode(without));
    return true;
  }

  /** Sets the length of a file that the caller may write. */
  public static void truncate(Credentials who, VfsPath path, long length) throws ErrnoException {
    Inode inode = path.inode();
    if (length > inode.fileSystem().mostFileBytes()) {
      throw ErrnoException.of(Errno.EFBIG);
    }
    inode.setAttributes(AttributeChange.ofSize(length));
    int also = dropSetIds(who, inode) ? FileEvents.ATTRIB : 0;
    FileEvents.changed(path, FileEvents.MODIFY | also);
  }

  /** The checks of truncate(2). */
  public static void checkTruncate(Credentials who, VfsPath path) throws ErrnoException {
    Inode inode = path.inode();
    if (inode.isDirectory()) {
      throw ErrnoException.of(Errno.EISDIR);
    }
    if (!inode.isRegular()) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    checkWritable(path);
    Access.check(who, inode, Access.WRITE);
    FileFlags.checkMayShrink(inode);
    inode.checkNotRunning();
    Restrictions.check(who, path, AccessRights.TRUNCATE);
  }

  /**
   * utimensat(2).
   *
   * @param atime nanoseconds since the epoch, or {@link AttributeChange#KEEP}
   * @param toNow whether both are the present time: then who may write may set them
   */
  public static void setTimes(Credentials who, VfsPath path, long atime, long mtime, boolean toNow)
      throws ErrnoException {
    checkWritable(path);
    Inode inode = path.inode();
    if (toNow) {
      FileFlags.checkMayWrite(inode);
    } else {
      FileFlags.checkMayChange(inode);
    }
    Stat present = inode.stat();
    if (!Access.isOwner(who, present)) {
      if (!toNow) {
        throw ErrnoException.of(Errno.EPERM);
      }
      Access.check(who, inode, Access.WRITE);
    }
    inode.setAttributes(AttributeChange.ofTimes(atime, mtime));
    FileEvents.changed(path, eventOfTimes(atime, mtime));
  }

  /** As touching a file by hand looks like reading or writing it (fsnotify_change()). */
  private static int eventOfTimes(long atime, long mtime) {
    if (mtime == AttributeChange.KEEP) {
      return FileEvents.ACCESS;
    }
    return atime == AttributeChange.KEEP ? FileEvents.MODIFY : FileEvents.ATTRIB;
  }
}
