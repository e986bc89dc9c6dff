package dev.skerry.gofer;

import dev.skerry.abi.Errno;
import dev.skerry.goferproto.Attributes;
import dev.skerry.goferproto.Found;
import dev.skerry.goferproto.RequestException;
import dev.skerry.hostos.Host;
import dev.skerry.hostos.StatxLayout;

/** The few ways in which the gofer opens and examines files of the host. */
final class HostFiles {
  static final int O_RDONLY = 0;
  static final int O_WRONLY = 01;
  static final int O_RDWR = 02;
  static final int O_CREAT = 0100;
  static final int O_EXCL = 0200;
  static final int O_NOCTTY = 0400;
  static final int O_NONBLOCK = 04000;
  static final int O_DIRECTORY = 0200000;
  static final int O_NOFOLLOW = 0400000;
  static final int O_PATH = 010000000;
  static final int O_TMPFILE = 020000000 | O_DIRECTORY;

  static final int AT_REMOVEDIR = 0x200;
  static final int AT_SYMLINK_FOLLOW = 0x400;
  static final int AT_EMPTY_PATH = 0x1000;

  private static final long RESOLVE_NO_MAGICLINKS = 0x02;
  private static final long RESOLVE_NO_SYMLINKS = 0x04;
  private static final long RESOLVE_BENEATH = 0x08;
  private static final long RESOLVE = RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH;

  private final int self;
  private final HandleTable handles;

  /**
   * @param self descriptor of the directory of this process's own descriptors
   */
  HostFiles(int self, HandleTable handles) {
    this.self = self;
    this.handles = handles;
  }

  /** Passes on a result that is not negative; descriptors that ran out are the gofer's affair. */
  static int check(int result) throws RequestException {
    if (result < 0) {
      throw new RequestException(result == -Errno.EMFILE ? Errno.ENFILE : -result);
    }
    return result;
  }

  /** Opens a single name in a directory, which may be a symbolic link only with O_PATH. */
  static int openIn(int directory, String name, int flags, int mode) throws RequestException {
    return check(Host.os().openat2(directory, name, flags | O_NOFOLLOW, mode, RESOLVE));
  }

  /** Opens the very file that a descriptor stands for, with other flags. */
  int reopen(int fd, int flags) throws RequestException {
    return check(Host.os().openat2(self, Integer.toString(fd), flags, 0, 0));
  }

  /** Opens what is safe to open: a regular file or a directory. */
  int reopen(Handle handle, int flags) throws RequestException {
    if (handle.type() != Handle.S_IFREG && handle.type() != Handle.S_IFDIR) {
      throw new RequestException(Errno.EPERM);
    }
    return reopen(handle.fd(), flags);
  }

  /** Without root the host knows one owner, and calls every other one invalid. */
  static void changeOwner(int fd, int uid, int gid) throws RequestException {
    int result = Host.os().fchownat(fd, "", uid, gid, AT_EMPTY_PATH);
    check(result == -Errno.EINVAL ? -Errno.EPERM : result);
  }

  void changeMode(int fd, int mode) throws RequestException {
    check(Host.os().fchmodat(self, Integer.toString(fd), mode & 07777, 0));
  }

  void link(Handle file, Handle directory, String name) throws RequestException {
    check(
        Host.os()
            .linkat(self, Integer.toString(file.fd()), directory.fd(), name, AT_SYMLINK_FOLLOW));
  }

  static Attributes attributes(int fd) throws RequestException {
    long[] s = new long[StatxLayout.COUNT];
    check(Host.os().statx(fd, "", AT_EMPTY_PATH, s));
    return new Attributes(
        s[StatxLayout.DEV],
        s[StatxLayout.INO],
        (int) s[StatxLayout.MODE],
        (int) s[StatxLayout.NLINK],
        (int) s[StatxLayout.UID],
        (int) s[StatxLayout.GID],
        s[StatxLayout.RDEV],
        s[StatxLayout.SIZE],
        (int) s[StatxLayout.BLKSIZE],
        s[StatxLayout.BLOCKS],
        s[StatxLayout.ATIME],
        s[StatxLayout.MTIME],
        s[StatxLayout.CTIME],
        s[StatxLayout.BTIME]);
  }

  /** Makes a handle of an O_PATH descriptor, which is closed if that fails. */
  Found add(int fd, MountPoint mount) throws RequestException {
    Attributes attributes;
    try {
      attributes = attributes(fd);
    } catch (RequestException e) {
      Host.os().close(fd);
      throw e;
    }
    int type = attributes.mode() & Handle.S_IFMT;
    return new Found(handles.add(new Handle(fd, type, mount)), attributes);
  }
}
