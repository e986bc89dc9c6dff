package dev.skerry.sentry.socket;

import java.util.Arrays;

/** Where a socket is, decoded (struct sockaddr). */
public sealed interface SocketAddress {
  int AF_UNSPEC = 0;
  int AF_UNIX = 1;
  int AF_INET = 2;
  int AF_INET6 = 10;
  int AF_NETLINK = 16;

  int family();

  /** AF_UNSPEC, which dissolves an association (connect(2)). */
  record Unspecified() implements SocketAddress {
    @Override
    public int family() {
      return AF_UNSPEC;
    }
  }

  /**
   * unix(7).
   *
   * @param name empty for a socket without a name; an abstract name begins with a NUL character;
   *     else a path, one Latin-1 character a byte
   */
  record Unix(String name) implements SocketAddress {
    public static final Unix UNNAMED = new Unix("");

    @Override
    public int family() {
      return AF_UNIX;
    }

    public boolean isUnnamed() {
      return name.isEmpty();
    }

    public boolean isAbstract() {
      return !name.isEmpty() && name.charAt(0) == 0;
    }
  }

  /**
   * ip(7), ipv6(7).
   *
   * @param family AF_INET or AF_INET6
   * @param host 4 or 16 bytes, never changed after construction
   * @param scope the interface of an IPv6 address, or 0
   */
  record Inet(int family, byte[] host, int port, int scope) implements SocketAddress {
    private static final int IPV4_BYTES = 4;
    private static final int IPV6_BYTES = 16;
    private static final int MAPPED_PREFIX = 10;

    /** INADDR_ANY or in6addr_any. */
    public static Inet any(int family, int port) {
      return new Inet(family, new byte[family == AF_INET ? IPV4_BYTES : IPV6_BYTES], port, 0);
    }

    /** 127.0.0.1 or ::1. */
    public static Inet loopback(int family, int port) {
      Inet address = any(family, port);
      byte[] host = address.host();
      host[host.length - 1] = 1;
      if (family == AF_INET) {
        host[0] = 127;
      }
      return address;
    }

    public Inet withPort(int other) {
      return new Inet(family, host, other, scope);
    }

    public boolean isAny() {
      Inet plain = unmapped();
      for (byte part : plain.host) {
        if (part != 0) {
          return false;
        }
      }
      return true;
    }

    /** Whether the address is one of the loopback interface's. */
    public boolean isLoopback() {
      Inet plain = unmapped();
      return plain.family == AF_INET
          ? plain.host[0] == 127
          : Arrays.equals(plain.host, loopback(AF_INET6, 0).host);
    }

    public boolean isMulticast() {
      Inet plain = unmapped();
      return plain.family == AF_INET
          ? (plain.host[0] & 0xf0) == 0xe0
          : (plain.host[0] & 0xff) == 0xff;
    }

    /** Whether it is an IPv4 address in IPv6's clothes, ::ffff:a.b.c.d. */
    public boolean isMapped() {
      if (family != AF_INET6 || host[10] != -1 || host[11] != -1) {
        return false;
      }
      for (int i = 0; i < MAPPED_PREFIX; i++) {
        if (host[i] != 0) {
          return false;
        }
      }
      return true;
    }

    /** The IPv4 address of a mapped one; others as they are. */
    public Inet unmapped() {
      return isMapped()
          ? new Inet(AF_INET, Arrays.copyOfRange(host, MAPPED_PREFIX + 2, IPV6_BYTES), port, 0)
          : this;
    }

    /** As a socket of the family shows it: IPv4 addresses mapped on an AF_INET6 socket. */
    public Inet as(int wanted) {
      if (wanted == AF_INET) {
        return unmapped();
      }
      if (family == AF_INET6) {
        return this;
      }
      byte[] mapped = new byte[IPV6_BYTES];
      if (!isAny()) {
        mapped[10] = -1;
        mapped[11] = -1;
        System.arraycopy(host, 0, mapped, MAPPED_PREFIX + 2, IPV4_BYTES);
      }
      return new Inet(AF_INET6, mapped, port, 0);
    }

    public boolean sameHost(Inet other) {
      return Arrays.equals(unmapped().host, other.unmapped().host);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Inet inet && port == inet.port && sameHost(inet);
    }

    @Override
    public int hashCode() {
      return 31 * Arrays.hashCode(unmapped().host) + port;
    }
  }

  /** netlink(7). */
  record Netlink(int portId, int groups) implements SocketAddress {
    @Override
    public int family() {
      return AF_NETLINK;
    }
  }
}
