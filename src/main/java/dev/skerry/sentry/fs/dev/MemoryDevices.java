package dev.skerry.sentry.fs.dev;

import dev.skerry.sentry.vfs.DeviceTable;

/** The devices of major 1 (Documentation/admin-guide/devices.txt). */
public final class MemoryDevices {
  static final int MAJOR = 1;
  static final int NULL = 3;
  static final int ZERO = 5;
  static final int FULL = 7;
  static final int RANDOM = 8;
  static final int URANDOM = 9;

  private MemoryDevices() {}

  public static void register(DeviceTable table) {
    table.register(MAJOR, NULL, NullFile::new);
    table.register(MAJOR, ZERO, ZeroFile::new);
    table.register(MAJOR, FULL, FullFile::new);
    table.register(MAJOR, RANDOM, RandomFile::new);
    table.register(MAJOR, URANDOM, RandomFile::new);
  }
}
