package dev.skerry.sentry.vfs;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;

/**
 * The flags of files that chattr(1) sets (ioctl_iflags(2)), and what they forbid, root too. Linux:
 * IS_IMMUTABLE() and IS_APPEND() in fs/namei.c and fs/attr.c.
 */
public final class FileFlags {
  public static final int IMMUTABLE = 0x10;

  /** It can only grow, or get more names. */
  public static final int APPEND = 0x20;

  public static final int NODUMP = 0x40;
  public static final int NOATIME = 0x80;

  /** What new files have from their directory. */
  public static final int INHERITED = NODUMP | NOATIME;

  private FileFlags() {}

  static boolean has(Inode inode, int flags) {
    return (inode.flags() & flags) != 0;
  }

  /** EPERM for a file whose attributes and names stay as they are. */
  public static void checkMayChange(Inode inode) throws ErrnoException {
    checkHasNot(inode, IMMUTABLE | APPEND);
  }

  /** EPERM for a file that nobody may write. */
  public static void checkMayWrite(Inode inode) throws ErrnoException {
    checkHasNot(inode, IMMUTABLE);
  }

  /** EPERM for a file that can only grow. */
  public static void checkMayShrink(Inode inode) throws ErrnoException {
    checkHasNot(inode, APPEND);
  }

  private static void checkHasNot(Inode inode, int flags) throws ErrnoException {
    if (has(inode, flags)) {
      throw ErrnoException.of(Errno.EPERM);
    }
  }

  /**
   * Whether the file is to be opened against its flags.
   *
   * @param flags of open(2)
   */
  static void checkOpen(Inode inode, int flags) throws ErrnoException {
    boolean overwrites =
        (flags & OpenFlags.O_ACCMODE) != OpenFlags.O_RDONLY && (flags & OpenFlags.O_APPEND) == 0;
    if (overwrites || (flags & OpenFlags.O_TRUNC) != 0) {
      checkMayShrink(inode);
    }
  }
}
