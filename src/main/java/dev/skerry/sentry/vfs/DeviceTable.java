package dev.skerry.sentry.vfs;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The character devices that there are, by number, and what opens FIFOs. Filled at the sandbox's
 * start. Linux: fs/char_dev.c.
 */
public final class DeviceTable implements SpecialFiles {
  private final Map<Long, DeviceOpener> devices = new ConcurrentHashMap<>();
  private final Map<Integer, DeviceOpener> majors = new ConcurrentHashMap<>();
  private final DeviceOpener fifos;

  public DeviceTable(DeviceOpener fifos) {
    this.fifos = fifos;
  }

  public void register(int major, int minor, DeviceOpener opener) {
    devices.put(DeviceNumbers.of(major, minor), opener);
  }

  /** Registers all minors of a major that are not registered by themselves. */
  public void registerMajor(int major, DeviceOpener opener) {
    majors.put(major, opener);
  }

  @Override
  public OpenFileDescription open(VfsPath path, int flags) throws ErrnoException {
    int type = path.inode().type();
    if (type == Inode.S_IFIFO) {
      return fifos.open(path, flags);
    }
    DeviceOpener opener = null;
    if (type == Inode.S_IFCHR) {
      long device = path.inode().stat().rdev();
      opener = devices.get(device);
      if (opener == null) {
        opener = majors.get(DeviceNumbers.major(device));
      }
    }
    if (opener == null) {
      throw ErrnoException.of(Errno.ENXIO);
    }
    return opener.open(path, flags);
  }
}
