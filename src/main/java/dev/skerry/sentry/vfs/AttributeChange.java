package dev.skerry.sentry.vfs;

/**
 * Attributes to set at once; {@link #KEEP} leaves a value as it is. All checks of permission were
 * made. Linux: struct iattr.
 *
 * @param mode the 07777 bits, or -1
 * @param uid or -1
 * @param gid or -1
 * @param size in bytes, or KEEP; for regular files only
 * @param atime in nanoseconds since the epoch, or KEEP
 * @param mtime in nanoseconds since the epoch, or KEEP
 */
public record AttributeChange(int mode, int uid, int gid, long size, long atime, long mtime) {
  public static final long KEEP = Long.MIN_VALUE;

  public static AttributeChange ofMode(int mode) {
    return new AttributeChange(mode & 07777, -1, -1, KEEP, KEEP, KEEP);
  }

  /** Other owners and, where set-ID bits go with them, another mode (-1 keeps). */
  public static AttributeChange ofOwner(int uid, int gid, int mode) {
    return new AttributeChange(mode, uid, gid, KEEP, KEEP, KEEP);
  }

  public static AttributeChange ofSize(long size) {
    return new AttributeChange(-1, -1, -1, size, KEEP, KEEP);
  }

  public static AttributeChange ofTimes(long atime, long mtime) {
    return new AttributeChange(-1, -1, -1, KEEP, atime, mtime);
  }
}
