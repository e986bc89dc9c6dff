package dev.skerry.sentry.socket.inet;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.socket.SocketAddress;

/**
 * Which addresses a socket of a family may use, given that there is only the loopback interface.
 */
final class InetNames {
  private InetNames() {}

  /** The address to bind to: zero, or a negative error. */
  static long checkLocal(SocketAddress address, int domain, boolean ipv6Only) {
    if (!(address instanceof SocketAddress.Inet inet)) {
      return address instanceof SocketAddress.Unspecified ? -Errno.EAFNOSUPPORT : -Errno.EINVAL;
    }
    if (inet.family() != domain) {
      // A struct sockaddr_in is too short for an IPv6 socket, whatever its family.
      return domain == SocketAddress.AF_INET6 ? -Errno.EINVAL : -Errno.EAFNOSUPPORT;
    }
    if (inet.isMapped() && ipv6Only) {
      return -Errno.EINVAL;
    }
    return inet.isAny() || inet.isLoopback() ? 0 : -Errno.EADDRNOTAVAIL;
  }

  /** As {@link #checkLocal} for one who may be bound to a group of IPv4, too. */
  static long checkLocalOrGroup(SocketAddress address, int domain, boolean ipv6Only) {
    long wrong = checkLocal(address, domain, ipv6Only);
    return wrong == -Errno.EADDRNOTAVAIL && isGroup(address) ? 0 : wrong;
  }

  /** Whether it is a group of IPv4. */
  static boolean isGroup(SocketAddress address) {
    return address instanceof SocketAddress.Inet inet
        && inet.family() == SocketAddress.AF_INET
        && inet.isMulticast();
  }

  /** The address to connect or send to, with "any" taken for the loopback address. */
  static SocketAddress.Inet checkRemote(
      SocketAddress address, int domain, boolean ipv6Only, NetworkNamespace network)
      throws ErrnoException {
    if (!(address instanceof SocketAddress.Inet inet)) {
      throw ErrnoException.of(Errno.EAFNOSUPPORT);
    }
    if (inet.family() != domain
        && !(domain == SocketAddress.AF_INET6 && inet.family() == SocketAddress.AF_INET)) {
      throw ErrnoException.of(Errno.EAFNOSUPPORT);
    }
    if (ipv6Only && inet.unmapped().family() == SocketAddress.AF_INET) {
      throw ErrnoException.of(Errno.ENETUNREACH);
    }
    if (!network.isLoopbackUp()) {
      throw ErrnoException.of(Errno.ENETUNREACH);
    }
    if (inet.isAny()) {
      int plain = inet.isMapped() ? SocketAddress.AF_INET : inet.family();
      return SocketAddress.Inet.loopback(plain, inet.port()).as(domain);
    }
    if (!inet.isLoopback()) {
      throw ErrnoException.of(Errno.ENETUNREACH);
    }
    return inet;
  }

  /** A socket that is bound to an address of one kind cannot reach those of the other. */
  static void checkRoute(SocketAddress.Inet local, SocketAddress.Inet remote)
      throws ErrnoException {
    if (local.isAny()) {
      return;
    }
    boolean four = local.unmapped().family() == SocketAddress.AF_INET;
    if (four != (remote.unmapped().family() == SocketAddress.AF_INET)) {
      throw ErrnoException.of(four ? Errno.EAFNOSUPPORT : Errno.ENETUNREACH);
    }
  }

  /** The local address that goes with a peer's. */
  static SocketAddress.Inet localFor(SocketAddress.Inet remote, int domain) {
    int plain = remote.unmapped().family();
    return SocketAddress.Inet.loopback(plain, 0).as(domain);
  }
}
