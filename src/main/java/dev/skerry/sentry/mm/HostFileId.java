package dev.skerry.sentry.mm;

import org.jspecify.annotations.Nullable;

/** A file of the host's, as /proc/PID/maps names it. */
record HostFileId(long dev, long ino) {
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof HostFileId key && key.dev == dev && key.ino == ino;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(dev * 31 + ino);
  }
}
