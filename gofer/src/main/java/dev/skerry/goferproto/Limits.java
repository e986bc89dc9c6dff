package dev.skerry.goferproto;

/** The most of everything: no peer can make the other allocate more. */
public final class Limits {
  /** Bytes of one message. */
  public static final int MESSAGE = 64 << 10;

  /** Bytes of a name (NAME_MAX). */
  public static final int NAME = 255;

  /** Components of one walk. */
  public static final int WALK = 32;

  /** Names of one directory looked up at once. */
  public static final int FIND = 64;

  /** Directories listed at once. */
  public static final int LISTINGS = 256;

  /** Files opened at once: a message carries a descriptor of each. */
  public static final int OPEN = 32;

  /** Handles closed at once. */
  public static final int CLOSE = 4096;

  /** Bytes of a symbolic link's target, without a NUL (PATH_MAX - 1). */
  public static final int TARGET = 4095;

  /** Bytes of an extended attribute's value, and of all names of a file: 4 KiB short of Linux's. */
  public static final int XATTR = 60 << 10;

  /** Directory entries of one response. */
  public static final int ENTRIES = 8192;

  /** Handles of one sandbox. */
  public static final int HANDLES = 400_000;

  private Limits() {}
}
