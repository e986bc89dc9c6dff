package dev.skerry.sentry.vfs;

import dev.skerry.abi.Errno;

/** The modes of fallocate(2) (include/uapi/linux/falloc.h), and which go together. */
public final class AllocateMode {
  public static final int FALLOC_FL_KEEP_SIZE = 0x01;
  public static final int FALLOC_FL_PUNCH_HOLE = 0x02;
  public static final int FALLOC_FL_COLLAPSE_RANGE = 0x08;
  public static final int FALLOC_FL_ZERO_RANGE = 0x10;
  public static final int FALLOC_FL_INSERT_RANGE = 0x20;
  public static final int FALLOC_FL_UNSHARE_RANGE = 0x40;

  private AllocateMode() {}

  /** Zero, or the error of vfs_fallocate(): EINVAL, EOPNOTSUPP or EFBIG. */
  static long check(int mode, long offset, long length) {
    if (offset < 0 || length <= 0) {
      return -Errno.EINVAL;
    }
    int operation = mode & ~FALLOC_FL_KEEP_SIZE;
    boolean keepsSize = (mode & FALLOC_FL_KEEP_SIZE) != 0;
    boolean known =
        switch (operation) {
          case 0, FALLOC_FL_ZERO_RANGE, FALLOC_FL_UNSHARE_RANGE -> true;
          case FALLOC_FL_PUNCH_HOLE -> keepsSize;
          case FALLOC_FL_COLLAPSE_RANGE, FALLOC_FL_INSERT_RANGE -> !keepsSize;
          default -> false;
        };
    if (!known) {
      return -Errno.EOPNOTSUPP;
    }
    return offset + length < 0 ? -Errno.EFBIG : 0;
  }

  /** Whether it takes space, as a write does. */
  static boolean allocates(int mode) {
    return (mode & (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_COLLAPSE_RANGE)) == 0;
  }

  /** Whether the file ends no earlier than the range does, afterwards. */
  static boolean grows(int mode) {
    return allocates(mode) && (mode & (FALLOC_FL_KEEP_SIZE | FALLOC_FL_INSERT_RANGE)) == 0;
  }
}
