package dev.skerry.sentry.socket.unix;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.socket.SocketAddress;
import dev.skerry.sentry.socket.SocketFile;
import dev.skerry.sentry.vfs.Inode;
import org.jspecify.annotations.Nullable;

/** The name of one socket, while it has one. Its monitor guards it. */
final class UnixName {
  private final UnixNames names;
  private final SocketFile socket;
  private SocketAddress.Unix address = SocketAddress.Unix.UNNAMED;
  private @Nullable Inode inode;

  UnixName(UnixNames names, SocketFile socket) {
    this.names = names;
    this.socket = socket;
  }

  UnixNames names() {
    return names;
  }

  synchronized SocketAddress.Unix address() {
    return address;
  }

  /** An accepted socket has its listener's name, but does not own it. */
  synchronized void borrow(SocketAddress.Unix other) {
    address = other;
  }

  /** Takes an abstract name, or some free one for an empty name. */
  synchronized long bind(SocketAddress.Unix wanted) {
    if (!address.isUnnamed()) {
      return wanted.isUnnamed() ? 0 : -Errno.EINVAL;
    }
    if (wanted.isUnnamed()) {
      String name = names.takeAny(socket);
      if (name == null) {
        return -Errno.ENOSPC;
      }
      address = new SocketAddress.Unix(name);
      return 0;
    }
    if (!names.take(wanted.name(), socket)) {
      return -Errno.EADDRINUSE;
    }
    address = wanted;
    return 0;
  }

  /** The socket's file has been made under the path. */
  synchronized void bindTo(SocketAddress.Unix path, Inode file) {
    address = path;
    inode = file;
    file.attach(socket);
  }

  synchronized void forget() {
    Inode file = inode;
    inode = null;
    if (file != null && file.attachment() == socket) {
      file.attach(null);
    }
    names.forget(address.name(), socket);
  }
}
