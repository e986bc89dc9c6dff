package dev.skerry.sentry.vfs;

import java.util.concurrent.atomic.AtomicLong;

/** Device numbers of file systems without a device. Linux: get_anon_bdev of fs/super.c. */
public final class AnonymousDevices {
  /** The numbers before belong to pipes, sockets and the like. */
  private static final AtomicLong NEXT_MINOR = new AtomicLong(32);

  private AnonymousDevices() {}

  /** A number that no other file system has, as st_dev shows it (makedev(3), major 0). */
  public static long next() {
    long minor = NEXT_MINOR.getAndIncrement();
    return (minor & 0xff) | ((minor & ~0xffL) << 12);
  }
}
