package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.landlock.AccessRights;
import dev.skerry.sentry.landlock.Domain;
import dev.skerry.sentry.socket.SocketAddress;
import dev.skerry.sentry.socket.SocketFile;
import dev.skerry.sentry.socket.inet.TcpSocket;

/**
 * Which ports of TCP tasks have forbidden themselves (landlock(7)). Asked before bind(2) and
 * connect(2) look at the address, so what is wrong with it is told here, too. Linux:
 * security/landlock/net.c.
 */
final class PortRights {
  private static final int FAMILY_BYTES = 2;
  private static final int INET_BYTES = 16;
  private static final int INET6_LEAST = 24;
  private static final int INET_HOST = 4;

  private PortRights() {}

  /**
   * EACCES if the task may not bind or connect to the port.
   *
   * @param address as the guest gave it
   * @param right of {@link AccessRights}
   */
  static void check(Task task, SocketFile socket, byte[] address, int right) throws ErrnoException {
    Domain domain = task.credentials().domain();
    if (domain == null || !(socket instanceof TcpSocket) || !domain.restrictsPorts(right)) {
      return;
    }
    need(address, FAMILY_BYTES);
    int family = new StructReader(address).shortAt(0) & 0xffff;
    if (family == SocketAddress.AF_UNSPEC) {
      // To dissolve a connection is nothing but closing it.
      if (right == AccessRights.CONNECT_TCP) {
        return;
      }
      checkUnspecified(socket, address);
    } else if (family == SocketAddress.AF_INET || family == SocketAddress.AF_INET6) {
      need(address, family == SocketAddress.AF_INET ? INET_BYTES : INET6_LEAST);
      if (family != socket.domain()) {
        throw ErrnoException.of(Errno.EINVAL);
      }
    } else {
      return;
    }
    if (!domain.allowsPort(SocketAddresses.port(address), right)) {
      throw ErrnoException.of(Errno.EACCES);
    }
  }

  /** bind(2) takes AF_UNSPEC for AF_INET where no host is named. */
  private static void checkUnspecified(SocketFile socket, byte[] address) throws ErrnoException {
    boolean four = socket.domain() == SocketAddress.AF_INET;
    need(address, four ? INET_BYTES : INET6_LEAST);
    if (!four || new StructReader(address).intAt(INET_HOST) != 0) {
      throw ErrnoException.of(Errno.EAFNOSUPPORT);
    }
  }

  private static void need(byte[] address, int length) throws ErrnoException {
    if (address.length < length) {
      throw ErrnoException.of(Errno.EINVAL);
    }
  }
}
