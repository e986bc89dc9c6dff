package dev.skerry.gofer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.skerry.abi.Errno;
import dev.skerry.goferproto.RequestException;
import dev.skerry.hostos.Host;

/**
 * A file that the sentry knows. Counted: the table holds a reference, and so does every request in
 * progress, so that the descriptor cannot become another file's meanwhile.
 */
final class Handle implements AutoCloseable {
  static final int S_IFMT = 0170000;
  static final int S_IFSOCK = 0140000;
  static final int S_IFLNK = 0120000;
  static final int S_IFREG = 0100000;
  static final int S_IFDIR = 0040000;
  static final int S_IFIFO = 0010000;

  private final int fd;
  private final int type;
  private final MountPoint mount;

  @GuardedBy("this")
  private int references = 1;

  private final Listing listing = new Listing(this);

  /**
   * @param fd O_PATH descriptor, the handle's from now on
   * @param type the S_IFMT bits
   */
  Handle(int fd, int type, MountPoint mount) {
    this.fd = fd;
    this.type = type;
    this.mount = mount;
  }

  int fd() {
    return fd;
  }

  int type() {
    return type;
  }

  MountPoint mount() {
    return mount;
  }

  Listing listing() {
    return listing;
  }

  boolean isDirectory() {
    return type == S_IFDIR;
  }

  void requireDirectory() throws RequestException {
    if (!isDirectory()) {
      throw new RequestException(Errno.ENOTDIR);
    }
  }

  void requireWritable() throws RequestException {
    if (!mount.writable()) {
      throw new RequestException(Errno.EROFS);
    }
  }

  /** A directory in which names may be changed. */
  void requireWritableDirectory() throws RequestException {
    requireDirectory();
    requireWritable();
  }

  synchronized void acquire() {
    references++;
  }

  /** Gives a reference back. */
  @Override
  public void close() {
    synchronized (this) {
      references--;
      if (references > 0) {
        return;
      }
    }
    listing.end();
    Host.os().close(fd);
  }
}
