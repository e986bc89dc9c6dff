package dev.skerry.hostos;

/** Where {@link HostOs#statx} puts what. Times are nanoseconds since the epoch. */
public final class StatxLayout {
  public static final int DEV = 0;
  public static final int INO = 1;
  public static final int MODE = 2;
  public static final int NLINK = 3;
  public static final int UID = 4;
  public static final int GID = 5;
  public static final int RDEV = 6;
  public static final int SIZE = 7;
  public static final int BLKSIZE = 8;
  public static final int BLOCKS = 9;
  public static final int ATIME = 10;
  public static final int MTIME = 11;
  public static final int CTIME = 12;
  public static final int BTIME = 13;
  public static final int COUNT = 14;

  private StatxLayout() {}
}
