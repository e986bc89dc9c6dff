package dev.skerry.sentry.socket.unix;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.landlock.AccessRights;
import dev.skerry.sentry.landlock.Domain;
import dev.skerry.sentry.socket.SocketAddress;
import dev.skerry.sentry.socket.SocketFile;
import dev.skerry.sentry.vfs.Inode;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The abstract names of one network namespace. */
public final class UnixNames {
  private static final int MOST_AUTOMATIC = 1 << 20;

  /** Finds a socket's inode; the tree is the caller's affair. */
  @FunctionalInterface
  public interface Resolver {
    /** The inode of a path that a task of this sandbox named, which it may write to. */
    Inode find(String path) throws ErrnoException;
  }

  private final Map<String, SocketFile> byName = new HashMap<>();
  private int automatic;

  /** Takes an abstract name; false if another has it. */
  synchronized boolean take(String name, SocketFile socket) {
    if (byName.putIfAbsent(name, socket) != null) {
      return false;
    }
    return true;
  }

  /** Takes some free name of five hexadecimal digits (unix(7), autobind); null if there is none. */
  synchronized @Nullable String takeAny(SocketFile socket) {
    for (int tries = 0; tries < MOST_AUTOMATIC; tries++) {
      automatic = (automatic + 1) % MOST_AUTOMATIC;
      String digits = Integer.toHexString(automatic);
      String name = "\0" + "00000".substring(digits.length()) + digits;
      if (take(name, socket)) {
        return name;
      }
    }
    return null;
  }

  /** EPERM if the task whose call it is must leave alone who has an abstract name (landlock(7)). */
  static void checkReach(SocketFile target, SocketAddress.Unix name) throws ErrnoException {
    Task task = Task.current();
    Domain own = task == null ? null : task.credentials().domain();
    if (own != null
        && name.isAbstract()
        && own.isApartFrom(target.maker().restricted(), AccessRights.SCOPE_ABSTRACT_UNIX_SOCKET)) {
      throw ErrnoException.of(Errno.EPERM);
    }
  }

  synchronized void forget(String name, SocketFile socket) {
    byName.remove(name, socket);
  }

  /**
   * The socket at an address.
   *
   * @throws ErrnoException EINVAL for no name, ECONNREFUSED if nobody is there, and what the path's
   *     walk throws
   */
  SocketFile find(SocketAddress address, Resolver resolver) throws ErrnoException {
    if (!(address instanceof SocketAddress.Unix unix) || unix.isUnnamed()) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    SocketFile socket;
    if (unix.isAbstract()) {
      synchronized (this) {
        socket = byName.get(unix.name());
      }
    } else {
      Inode inode = resolver.find(unix.name());
      boolean bound = inode.type() == Inode.S_IFSOCK;
      socket = bound && inode.attachment() instanceof SocketFile file ? file : null;
    }
    if (socket == null) {
      throw ErrnoException.of(Errno.ECONNREFUSED);
    }
    return socket;
  }
}
