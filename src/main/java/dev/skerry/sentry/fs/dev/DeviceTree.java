package dev.skerry.sentry.fs.dev;

import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.vfs.DeviceNumbers;
import dev.skerry.sentry.vfs.Inode;
import dev.skerry.sentry.vfs.Owner;

/**
 * Fills /dev. The directory is of any writable file system, as guests may make their own files
 * there; the names are those of the runtime specification's default devices.
 */
public final class DeviceTree {
  private static final Owner ROOT = new Owner(0, 0);
  private static final int TERMINAL_MAJOR = 5;
  private static final int TTY_MINOR = 0;
  private static final int CONSOLE_MINOR = 1;

  private DeviceTree() {}

  /**
   * Makes the devices, the links and the mount points {@code pts} and {@code shm}.
   *
   * @param directory empty
   * @param console whether the sandbox has a terminal of its own
   */
  public static void populate(Inode directory, boolean console) throws ErrnoException {
    device(directory, "null", MemoryDevices.MAJOR, MemoryDevices.NULL);
    device(directory, "zero", MemoryDevices.MAJOR, MemoryDevices.ZERO);
    device(directory, "full", MemoryDevices.MAJOR, MemoryDevices.FULL);
    device(directory, "random", MemoryDevices.MAJOR, MemoryDevices.RANDOM);
    device(directory, "urandom", MemoryDevices.MAJOR, MemoryDevices.URANDOM);
    device(directory, "tty", TERMINAL_MAJOR, TTY_MINOR);
    if (console) {
      device(directory, "console", TERMINAL_MAJOR, CONSOLE_MINOR);
    }
    directory.symlink("ptmx", "pts/ptmx", ROOT);
    directory.symlink("fd", "/proc/self/fd", ROOT);
    directory.symlink("stdin", "/proc/self/fd/0", ROOT);
    directory.symlink("stdout", "/proc/self/fd/1", ROOT);
    directory.symlink("stderr", "/proc/self/fd/2", ROOT);
    directory.mkdir("pts", 0755, ROOT);
    directory.mkdir("shm", 01777, ROOT);
  }

  private static void device(Inode directory, String name, int major, int minor)
      throws ErrnoException {
    directory.mknod(name, Inode.S_IFCHR | 0666, DeviceNumbers.of(major, minor), ROOT);
  }
}
