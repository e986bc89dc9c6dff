package dev.skerry.sentry.vfs;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.landlock.AccessRights;
import dev.skerry.sentry.landlock.Domain;
import dev.skerry.sentry.landlock.Withheld;

/**
 * Which files tasks have forbidden themselves (landlock(7)): a right to a file must be allowed by a
 * rule about it or a directory above, layer by layer. Linux: security/landlock/fs.c.
 */
public final class Restrictions {
  private Restrictions() {}

  /**
   * EACCES if some of the rights are withheld.
   *
   * @param rights of {@link AccessRights}
   */
  public static void check(Credentials who, VfsPath path, int rights) throws ErrnoException {
    check(who, path.mount(), path.dentry(), rights);
  }

  static void check(Credentials who, Mount mount, Dentry dentry, int rights) throws ErrnoException {
    Domain domain = who.domain();
    if (domain != null && withheld(domain, mount, dentry, rights) != 0) {
      throw ErrnoException.of(Errno.EACCES);
    }
  }

  /** EPERM for those who may not change trees of mounts, lest other files be found by the rules. */
  public static void checkMounting(Credentials who) throws ErrnoException {
    Domain domain = who.domain();
    if (domain != null && domain.restrictsPaths()) {
      throw ErrnoException.of(Errno.EPERM);
    }
  }

  /**
   * The checks of open(2).
   *
   * @param flags of open(2)
   * @return the rights that are withheld from those who use the open file
   * @throws ErrnoException EACCES
   */
  static int atOpening(Domain domain, VfsPath path, int flags) throws ErrnoException {
    int type = path.inode().type();
    int needed =
        switch (flags & OpenFlags.O_ACCMODE) {
          case OpenFlags.O_RDONLY ->
              type == Inode.S_IFDIR ? AccessRights.READ_DIR : AccessRights.READ_FILE;
          case OpenFlags.O_WRONLY -> AccessRights.WRITE_FILE;
          case OpenFlags.O_RDWR -> AccessRights.READ_FILE | AccessRights.WRITE_FILE;
          default -> 0;
        };
    boolean device = type == Inode.S_IFCHR || type == Inode.S_IFBLK;
    int later = AccessRights.TRUNCATE | (device ? AccessRights.IOCTL_DEV : 0);
    int withheld = withheld(domain, path.mount(), path.dentry(), needed | later);
    if ((withheld & needed) != 0) {
      throw ErrnoException.of(Errno.EACCES);
    }
    return withheld;
  }

  /** Which of the rights are withheld. */
  static int withheld(Domain domain, Mount mount, Dentry dentry, int rights) {
    if (!domain.restrictsPaths() || PlacelessFileSystem.has(dentry.inode())) {
      return 0;
    }
    Withheld withheld = new Withheld(domain, rights);
    Ascent place = new Ascent(mount, dentry);
    while (!withheld.isNothing()) {
      withheld.grant(place.inode());
      if (!place.goUp()) {
        return place.isInternal() ? 0 : withheld.rights();
      }
    }
    return 0;
  }

  /** Whether rules can be about the place: others can come to it by a path. */
  public static boolean canBeIn(VfsPath path) {
    return !path.mount().isInternal();
  }

  /** The right that it takes to make a file of the type, an S_IF constant of {@link Inode}. */
  static int toMake(int type) {
    return switch (type) {
      case Inode.S_IFDIR -> AccessRights.MAKE_DIR;
      case Inode.S_IFLNK -> AccessRights.MAKE_SYM;
      case Inode.S_IFCHR -> AccessRights.MAKE_CHAR;
      case Inode.S_IFBLK -> AccessRights.MAKE_BLOCK;
      case Inode.S_IFIFO -> AccessRights.MAKE_FIFO;
      case Inode.S_IFSOCK -> AccessRights.MAKE_SOCK;
      default -> AccessRights.MAKE_REG;
    };
  }

  /** The right that it takes to remove the file. */
  static int toRemove(Inode file) {
    return file.isDirectory() ? AccessRights.REMOVE_DIR : AccessRights.REMOVE_FILE;
  }
}
