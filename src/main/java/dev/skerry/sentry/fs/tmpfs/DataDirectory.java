package dev.skerry.sentry.fs.tmpfs;

import dev.skerry.hostos.Host;
import dev.skerry.hostos.StatxLayout;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A tmpfs of the host's that nothing but a descriptor of the sentry's leads to. Files in it can be
 * closed and opened again, whoever has mapped them, as a memfd cannot: so their number is not
 * bounded by what the host lets one process open.
 */
public final class DataDirectory {
  private static final int O_RDONLY = 0;
  private static final int O_RDWR = 2;
  private static final int O_CREAT = 0100;
  private static final int O_EXCL = 0200;
  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int OWNER_ONLY = 0600;

  /** The launcher's, below which the sentry's seccomp policy lets it open and remove files. */
  private static final int DESCRIPTOR = 1022;

  private static final AtomicLong LAST_NAME = new AtomicLong();

  private static volatile boolean open;

  private DataDirectory() {}

  /**
   * Takes the directory over from the launcher.
   *
   * @return zero, or the host's error
   */
  public static int open() {
    long[] attributes = new long[StatxLayout.COUNT];
    int result = Host.os().statx(DESCRIPTOR, "", AT_EMPTY_PATH, attributes);
    open = result == 0;
    return result;
  }

  /** Whether there is one; without it files can be memfds. */
  static boolean isOpen() {
    return open;
  }

  static long nextName() {
    return LAST_NAME.incrementAndGet();
  }

  static int create(long name) {
    int flags = O_RDWR | O_CREAT | O_EXCL;
    return Host.os().openat2(DESCRIPTOR, Long.toString(name), flags, OWNER_ONLY, 0);
  }

  static int reopen(long name) {
    return Host.os().openat2(DESCRIPTOR, Long.toString(name), O_RDWR, 0, 0);
  }

  static int reopenReadOnly(long name) {
    return Host.os().openat2(DESCRIPTOR, Long.toString(name), O_RDONLY, 0, 0);
  }

  static void remove(long name) {
    Host.os().unlinkat(DESCRIPTOR, Long.toString(name), 0);
  }
}
