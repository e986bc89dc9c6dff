package dev.skerry.sentry.vfs;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Capability;
import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.sysctl.Sysctl;
import dev.skerry.sentry.sysctl.SysctlValues;

/** Who may do what with a file (path_resolution(7)). Linux: generic_permission() of fs/namei.c. */
public final class Access {
  public static final int EXECUTE = 1;
  public static final int WRITE = 2;
  public static final int READ = 4;

  static final int S_ISUID = 04000;
  static final int S_ISGID = 02000;
  static final int S_ISVTX = 01000;
  static final int S_IXGRP = 0010;
  private static final int S_IWOTH = 0002;
  private static final int ANY_EXECUTE = 0111;

  private Access() {}

  /**
   * Whether the mode bits or capabilities allow the access.
   *
   * @param wanted {@link #READ}, {@link #WRITE}, {@link #EXECUTE}
   */
  public static boolean isAllowed(Credentials who, Stat file, int wanted) {
    int bits = file.mode();
    if (file.uid() == who.fsuid()) {
      bits >>= 6;
    } else if (who.inGroup(file.gid())) {
      bits >>= 3;
    }
    if ((wanted & ~bits) == 0) {
      return true;
    }
    boolean directory = (file.mode() & Inode.S_IFMT) == Inode.S_IFDIR;
    if (hasCapability(who, file, Capability.DAC_OVERRIDE)
        && (directory || (wanted & EXECUTE) == 0 || (file.mode() & ANY_EXECUTE) != 0)) {
      return true;
    }
    int readable = directory ? READ | EXECUTE : READ;
    return (wanted & ~readable) == 0 && hasCapability(who, file, Capability.DAC_READ_SEARCH);
  }

  /** Whether the capability counts for the file. */
  static boolean hasCapability(Credentials who, Stat file, int capability) {
    return who.hasCapabilityOver(file.uid(), file.gid(), capability);
  }

  /** EACCES unless {@link #isAllowed}, EPERM to write what nobody may write. */
  public static void check(Credentials who, Inode file, int wanted) throws ErrnoException {
    if ((wanted & WRITE) != 0) {
      FileFlags.checkMayWrite(file);
    }
    if (wanted != 0 && !isAllowed(who, file.stat(), wanted)) {
      throw ErrnoException.of(Errno.EACCES);
    }
  }

  /** EACCES unless names may be looked up in the directory. */
  static void search(Credentials who, Inode directory) throws ErrnoException {
    if (!who.hasCapability(Capability.DAC_OVERRIDE)
        && !who.hasCapability(Capability.DAC_READ_SEARCH)) {
      check(who, directory, EXECUTE);
    }
  }

  /** Whether the file is the caller's own, or as good as. */
  public static boolean isOwner(Credentials who, Stat file) {
    return file.uid() == who.fsuid()
        || (who.hasOwnCapability(Capability.FOWNER) && who.userNamespace().hasUid(file.uid()));
  }

  /** EPERM if a directory's sticky bit keeps the caller from removing the file. */
  static void checkSticky(Credentials who, Inode directory, Inode file) throws ErrnoException {
    if (who.hasCapability(Capability.FOWNER)) {
      return;
    }
    Stat parent = directory.stat();
    if ((parent.mode() & S_ISVTX) == 0 || parent.uid() == who.fsuid()) {
      return;
    }
    Stat child = file.stat();
    if (child.uid() != who.fsuid() && !hasCapability(who, child, Capability.FOWNER)) {
      throw ErrnoException.of(Errno.EPERM);
    }
  }

  /**
   * EACCES for the link of a stranger in a sticky directory that all may write to, if the sandbox
   * wants that (fs.protected_symlinks of proc_sys_fs(5)).
   */
  static void checkFollow(Credentials who, Inode directory, Inode link) throws ErrnoException {
    if (SysctlValues.SYSTEM.get(Sysctl.PROTECTED_SYMLINKS) == 0) {
      return;
    }
    int open = S_ISVTX | S_IWOTH;
    Stat parent = directory.stat();
    int owner = link.stat().uid();
    if (owner != who.fsuid() && owner != parent.uid() && (parent.mode() & open) == open) {
      throw ErrnoException.of(Errno.EACCES);
    }
  }

  /** Who a new file in the directory belongs to: set-group-ID directories pass on their group. */
  static Owner ownerIn(Credentials who, Stat directory) {
    boolean inherits = (directory.mode() & S_ISGID) != 0;
    return new Owner(who.fsuid(), inherits ? directory.gid() : who.fsgid());
  }

  /**
   * The mode of a new file in the directory. A directory inherits the set-group-ID bit; another
   * file does not get it for a group that is not the caller's.
   */
  static int modeIn(Credentials who, Stat directory, int mode, boolean isDirectory) {
    if ((directory.mode() & S_ISGID) == 0) {
      return mode;
    }
    if (isDirectory) {
      return mode | S_ISGID;
    }
    int both = S_ISGID | S_IXGRP;
    boolean foreign =
        !who.inGroup(directory.gid()) && !hasCapability(who, directory, Capability.FSETID);
    return (mode & both) == both && foreign ? mode & ~S_ISGID : mode;
  }
}
