package dev.skerry.sentry.vfs;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import org.jspecify.annotations.Nullable;

/**
 * What rename(2) asks of the file that has the new name. For file systems that keep their names
 * themselves, with the lock held that guards these. Linux: vfs_rename() of fs/namei.c.
 */
public final class RenameRules {
  public static final int RENAME_NOREPLACE = 1;
  public static final int RENAME_EXCHANGE = 2;
  public static final int RENAME_WHITEOUT = 4;

  private RenameRules() {}

  /**
   * Checks a rename to a name that another file has, or none.
   *
   * @param present the file with the new name, which is not the one that moves
   * @param filled whether that is a directory with names in it
   * @throws ErrnoException EEXIST, ENOENT, EISDIR, ENOTDIR, ENOTEMPTY, EINVAL
   */
  public static void check(Inode moved, @Nullable Inode present, boolean filled, int flags)
      throws ErrnoException {
    if ((flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE)) != 0) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    if ((flags & RENAME_EXCHANGE) != 0) {
      if (present == null) {
        throw ErrnoException.of(Errno.ENOENT);
      }
      return;
    }
    if (present == null) {
      return;
    }
    if ((flags & RENAME_NOREPLACE) != 0) {
      throw ErrnoException.of(Errno.EEXIST);
    }
    if (moved.isDirectory()) {
      if (!present.isDirectory()) {
        throw ErrnoException.of(Errno.ENOTDIR);
      }
      if (filled) {
        throw ErrnoException.of(Errno.ENOTEMPTY);
      }
    } else if (present.isDirectory()) {
      throw ErrnoException.of(Errno.EISDIR);
    }
  }
}
