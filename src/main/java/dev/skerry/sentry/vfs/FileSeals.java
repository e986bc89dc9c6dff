package dev.skerry.sentry.vfs;

/** Seals of files in memory (fcntl(2), "File Sealing"; include/uapi/linux/fcntl.h). */
public final class FileSeals {
  public static final int F_SEAL_SEAL = 0x01;
  public static final int F_SEAL_SHRINK = 0x02;
  public static final int F_SEAL_GROW = 0x04;
  public static final int F_SEAL_WRITE = 0x08;
  public static final int F_SEAL_FUTURE_WRITE = 0x10;
  public static final int F_SEAL_EXEC = 0x20;
  public static final int ALL = 0x3f;

  private FileSeals() {}
}
