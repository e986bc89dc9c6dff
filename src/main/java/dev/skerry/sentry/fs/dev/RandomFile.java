package dev.skerry.sentry.fs.dev;

import dev.skerry.abi.Errno;
import dev.skerry.hostos.Host;
import dev.skerry.sentry.usermem.IoBuffer;
import dev.skerry.sentry.usermem.UserMemory;
import dev.skerry.sentry.vfs.VfsPath;

/** /dev/random and /dev/urandom, which are the same once the host has started. */
final class RandomFile extends MemoryDevice {
  /** So much at most at a time, so that one read does not keep the sentry busy for long. */
  private static final long MOST = 32 << 20;

  private static final int CHUNK = 65536;
  private static final int POOL_BITS = 256;
  private static final int RNDGETENTCNT = 0x80045200;
  private static final int RNDADDTOENTCNT = 0x40045201;
  private static final int RNDADDENTROPY = 0x40085203;
  private static final int RNDZAPENTCNT = 0x5204;
  private static final int RNDCLEARPOOL = 0x5206;
  private static final int RNDRESEEDCRNG = 0x5207;

  RandomFile(VfsPath path, int flags) {
    super(path, flags);
  }

  @Override
  public long read(IoBuffer target) {
    long wanted = Math.min(target.remaining(), MOST);
    byte[] chunk = new byte[(int) Math.min(wanted, CHUNK)];
    long total = 0;
    while (total < wanted) {
      int part = (int) Math.min(wanted - total, chunk.length);
      long moved = Host.os().getRandom(chunk, 0, part);
      if (moved > 0) {
        moved = target.put(chunk, 0, (int) moved);
      }
      if (moved <= 0) {
        return total > 0 ? total : moved;
      }
      total += moved;
    }
    return total;
  }

  @Override
  public long ioctl(UserMemory memory, int request, long argument) {
    return switch (request) {
      case RNDGETENTCNT -> memory.storeInt(argument, POOL_BITS);
      case RNDADDTOENTCNT, RNDADDENTROPY, RNDZAPENTCNT, RNDCLEARPOOL, RNDRESEEDCRNG -> -Errno.EPERM;
      default -> -Errno.ENOTTY;
    };
  }
}
