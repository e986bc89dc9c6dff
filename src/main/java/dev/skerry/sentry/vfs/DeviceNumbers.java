package dev.skerry.sentry.vfs;

/** Device numbers as stat(2) tells them (makedev(3)). */
public final class DeviceNumbers {
  private DeviceNumbers() {}

  public static long of(int major, int minor) {
    return (minor & 0xffL)
        | (major & 0xfffL) << 8
        | (minor & 0xffff_ff00L) << 12
        | (major & 0xffff_f000L) << 32;
  }

  public static int major(long device) {
    return (int) (device >> 8 & 0xfff | device >> 32 & 0xffff_f000L);
  }

  public static int minor(long device) {
    return (int) (device & 0xff | device >> 12 & 0xffff_ff00L);
  }
}
