package dev.skerry.sentry.vfs;

import dev.skerry.sentry.ErrnoException;

/** Opens what is neither a regular file nor a directory; set by whoever knows devices and pipes. */
public interface SpecialFiles {
  /**
   * Opens a FIFO or a device.
   *
   * @param path whose inode is a FIFO, a character device or a block device
   * @param flags access mode, status flags and O_NOCTTY
   * @throws ErrnoException ENXIO if there is no such device
   */
  OpenFileDescription open(VfsPath path, int flags) throws ErrnoException;
}
