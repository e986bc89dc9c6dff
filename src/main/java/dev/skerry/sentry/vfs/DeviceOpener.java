package dev.skerry.sentry.vfs;

import dev.skerry.sentry.ErrnoException;

/** What opens a special file. */
@FunctionalInterface
public interface DeviceOpener {
  /**
   * @param path the special file; its {@link Stat#rdev} tells which minor it is
   * @param flags access mode, status flags and O_NOCTTY
   */
  OpenFileDescription open(VfsPath path, int flags) throws ErrnoException;
}
