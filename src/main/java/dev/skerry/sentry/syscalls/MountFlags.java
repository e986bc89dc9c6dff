package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.vfs.Mount;

/** The MOUNT_ATTR_ flags of fsmount(2) and mount_setattr(2), and those of mount(2) for them. */
final class MountFlags {
  static final long IDMAP = 0x10_0000;

  /** An enumeration among the flags: relatime is 0. */
  static final long ATIME = 0x70;

  private static final long RDONLY = 1;
  private static final long NOSUID = 2;
  private static final long NODEV = 4;
  private static final long NOEXEC = 8;
  private static final long NOATIME = 0x10;
  private static final long STRICTATIME = 0x20;
  private static final long NODIRATIME = 0x80;
  private static final long NOSYMFOLLOW = 0x20_0000;

  /** What a new mount may have. */
  private static final long KNOWN =
      RDONLY | NOSUID | NODEV | NOEXEC | ATIME | NODIRATIME | NOSYMFOLLOW;

  private MountFlags() {}

  /** EINVAL for flags that there are not. */
  static void check(long attributes, long more) throws ErrnoException {
    if ((attributes & ~(KNOWN | more)) != 0) {
      throw ErrnoException.of(Errno.EINVAL);
    }
  }

  static int ofNew(long attributes) throws ErrnoException {
    check(attributes, 0);
    return of(attributes & ~ATIME) | accessTimes(attributes);
  }

  /** The rule for access times. */
  static int accessTimes(long attributes) throws ErrnoException {
    long rule = attributes & ATIME;
    if (rule != 0 && rule != NOATIME && rule != STRICTATIME) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    return rule == NOATIME ? Mount.MS_NOATIME : rule == STRICTATIME ? Mount.MS_STRICTATIME : 0;
  }

  /** The flags without the rule for access times. */
  static int of(long attributes) {
    int plain = (int) (attributes & (RDONLY | NOSUID | NODEV | NOEXEC));
    int directories = (attributes & NODIRATIME) != 0 ? Mount.MS_NODIRATIME : 0;
    int links = (attributes & NOSYMFOLLOW) != 0 ? Mount.MS_NOSYMFOLLOW : 0;
    return plain | directories | links;
  }

  /** The other way round, as statmount(2) tells them. */
  static long attributes(Mount mount) {
    int flags = mount.flags();
    long plain = flags & (Mount.MS_RDONLY | Mount.MS_NOSUID | Mount.MS_NODEV | Mount.MS_NOEXEC);
    plain |= (flags & Mount.MS_NOATIME) != 0 ? NOATIME : 0;
    plain |= (flags & Mount.MS_STRICTATIME) != 0 ? STRICTATIME : 0;
    plain |= (flags & Mount.MS_NODIRATIME) != 0 ? NODIRATIME : 0;
    return plain | (mount.isNoSymfollow() ? NOSYMFOLLOW : 0);
  }
}
