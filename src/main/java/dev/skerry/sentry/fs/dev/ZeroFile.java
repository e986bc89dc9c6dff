package dev.skerry.sentry.fs.dev;

import dev.skerry.abi.Errno;
import dev.skerry.hostos.Host;
import dev.skerry.sentry.mm.HostProc;
import dev.skerry.sentry.usermem.IoBuffer;
import dev.skerry.sentry.vfs.VfsPath;
import java.util.HashMap;
import java.util.Map;

/**
 * /dev/zero. Mapped, it is anonymous memory: every shared mapping gets fresh pages; private ones,
 * and shared ones of who may only read, show a file of zeros that nobody writes.
 */
final class ZeroFile extends MemoryDevice {
  static final byte[] ZEROS = new byte[65536];

  /** Larger than any address space: reads beyond a file's end would fault. */
  private static final long MAPPED_SIZE = 1L << 47;

  // Guarded by this.
  private int readOnlyFd = -1;

  /**
   * What each of the sentry's threads was given last for a shared mapping. A thread that asks again
   * is done with that.
   */
  private final Map<Thread, Integer> sharedFds = new HashMap<>();

  ZeroFile(VfsPath path, int flags) {
    super(path, flags);
  }

  static long readZeros(IoBuffer target) {
    long total = 0;
    while (target.remaining() > 0) {
      int part = (int) Math.min(target.remaining(), ZEROS.length);
      long moved = target.put(ZEROS, 0, part);
      if (moved < 0) {
        return total > 0 ? total : moved;
      }
      total += moved;
      if (moved < part) {
        break;
      }
    }
    return total;
  }

  @Override
  public long read(IoBuffer target) {
    return readZeros(target);
  }

  @Override
  public synchronized int mappableHostFd(boolean writable) {
    if (!writable) {
      if (readOnlyFd < 0) {
        int made = zeros();
        if (made >= 0) {
          readOnlyFd = HostProc.reopenReadOnly(made);
          Host.os().close(made);
        }
      }
      return readOnlyFd < 0 ? -Errno.ENOMEM : readOnlyFd;
    }
    int fd = zeros();
    if (fd < 0) {
      return -Errno.ENOMEM;
    }
    Integer before = sharedFds.put(Thread.currentThread(), fd);
    if (before != null) {
      Host.os().close(before);
    }
    return fd;
  }

  private static int zeros() {
    int fd = Host.os().memfdCreate("zero", 0);
    if (fd >= 0 && Host.os().ftruncate(fd, MAPPED_SIZE) < 0) {
      Host.os().close(fd);
      return -1;
    }
    return fd;
  }

  @Override
  protected synchronized void release() {
    if (readOnlyFd >= 0) {
      Host.os().close(readOnlyFd);
    }
    for (int fd : sharedFds.values()) {
      Host.os().close(fd);
    }
  }
}
