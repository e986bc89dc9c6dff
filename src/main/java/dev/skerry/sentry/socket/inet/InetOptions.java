package dev.skerry.sentry.socket.inet;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Capability;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.socket.Loopback;
import dev.skerry.sentry.socket.OptionTable;
import dev.skerry.sentry.socket.SocketAddress;
import dev.skerry.sentry.socket.SocketOptions;
import dev.skerry.sentry.sysctl.Sysctl;
import dev.skerry.sentry.sysctl.SysctlValues;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The options of levels IPPROTO_IP and IPPROTO_IPV6 (ip(7), ipv6(7)), and those of the socket's own
 * protocol. What tunes a real network is kept and shown, and changes nothing on the loopback. Its
 * monitor guards all. Linux: net/ipv4/ip_sockglue.c, net/ipv6/ipv6_sockglue.c.
 */
final class InetOptions {
  static final int IPPROTO_IP = 0;
  static final int IPPROTO_TCP = 6;
  static final int IPPROTO_UDP = 17;
  static final int IPPROTO_IPV6 = 41;

  /** A datagram socket's other protocol: UDP with checksums of a part. */
  static final int IPPROTO_UDPLITE = 136;

  private static final int IP_TOS = 1;
  private static final int IP_TTL = 2;
  private static final int IP_OPTIONS = 4;
  private static final int IP_ROUTER_ALERT = 5;
  static final int IP_PKTINFO = 8;
  static final int IP_RECVTTL = 12;
  static final int IP_RECVTOS = 13;
  private static final int IP_MTU = 14;
  private static final int IP_FREEBIND = 15;
  private static final int IP_TRANSPARENT = 19;
  static final int IP_RECVORIGDSTADDR = 20;
  private static final int IP_MINTTL = 21;
  private static final int IP_RECVFRAGSIZE = 25;
  private static final int IP_MULTICAST_IF = 32;
  private static final int IP_MULTICAST_TTL = 33;
  private static final int IP_MULTICAST_LOOP = 34;
  private static final int IP_MULTICAST_ALL = 49;
  private static final int IP_UNICAST_IF = 50;
  private static final int IP_LOCAL_PORT_RANGE = 51;

  private static final int IPV6_UNICAST_HOPS = 16;
  private static final int IPV6_MULTICAST_IF = 17;
  private static final int IPV6_MULTICAST_HOPS = 18;
  private static final int IPV6_ROUTER_ALERT = 22;
  private static final int IPV6_MTU = 24;
  static final int IPV6_V6ONLY = 26;
  static final int IPV6_RECVPKTINFO = 49;
  static final int IPV6_RECVHOPLIMIT = 51;
  static final int IPV6_RECVTCLASS = 66;
  private static final int IPV6_TCLASS = 67;
  private static final int IPV6_TRANSPARENT = 75;
  private static final int IPV6_UNICAST_IF = 76;

  private static final int MOST_BYTE = 255;
  private static final int DEFAULT_HOPS = 64;
  private static final int LOOPBACK_INDEX = 1;
  private static final int ECN_MASK = 3;

  /** IP_RECVOPTS, IP_RETOPTS, IP_RECVERR, IP_PASSSEC, IP_CHECKSUM, IP_BIND_ADDRESS_NO_PORT … */
  private static final OptionTable IP =
      new OptionTable()
          .number(IP_TOS, 0, 0, MOST_BYTE)
          .number(IP_TTL, DEFAULT_HOPS, 1, MOST_BYTE)
          .shown(3, 0)
          .shown(IP_ROUTER_ALERT, 0)
          .flags(6, 7, IP_PKTINFO, 11, IP_RECVTTL, IP_RECVTOS, IP_FREEBIND, 18, IP_TRANSPARENT)
          .flags(IP_RECVORIGDSTADDR, 23, 24, IP_RECVFRAGSIZE)
          .number(10, 1, 0, 5)
          .number(IP_MINTTL, 0, 0, MOST_BYTE)
          .shown(22, 0)
          .number(26, 0, 0, 1)
          .shown(IP_MULTICAST_IF, 0)
          .number(IP_MULTICAST_TTL, 1, 0, MOST_BYTE)
          .flagsOn(IP_MULTICAST_LOOP)
          .number(IP_MULTICAST_ALL, 1, 0, 1)
          .number(IP_UNICAST_IF, 0, Integer.MIN_VALUE, Integer.MAX_VALUE)
          .number(IP_LOCAL_PORT_RANGE, 0, Integer.MIN_VALUE, Integer.MAX_VALUE)
          .shown(52, 0);

  /** The forms of RFC 2292 (2, 3, 4, 5, 8, 11), IPV6_RECVERR, IPV6_RECVRTHDR and their like. */
  private static final OptionTable IPV6 =
      new OptionTable()
          .flags(2, 3, 4, 5, 8, 11, 25, IPV6_V6ONLY, 30, 33, IPV6_RECVPKTINFO, IPV6_RECVHOPLIMIT)
          .flags(53, 56, 58, 60, 62, IPV6_RECVTCLASS, 74, IPV6_TRANSPARENT, 77, 78)
          .flagsOn(29, 70)
          .number(IPV6_UNICAST_HOPS, DEFAULT_HOPS, 0, MOST_BYTE)
          .number(IPV6_MULTICAST_IF, 0, 0, LOOPBACK_INDEX)
          .number(IPV6_MULTICAST_HOPS, 1, 0, MOST_BYTE)
          .number(19, 1, 0, 1)
          .shown(IPV6_ROUTER_ALERT, 0)
          .number(23, 1, 0, 5)
          .number(31, 0, 0, 1)
          .number(IPV6_TCLASS, 0, 0, MOST_BYTE)
          .number(73, 0, 0, MOST_BYTE)
          .number(IPV6_UNICAST_IF, 0, Integer.MIN_VALUE, Integer.MAX_VALUE);

  private final int domain;
  private final boolean tcp;
  private final OptionTable.Values ip = new OptionTable.Values(IP);
  private final OptionTable.Values ipv6 = new OptionTable.Values(IPV6);
  private final TransportOptions transport;
  private boolean multicastGoes;

  InetOptions(int domain, TransportOptions transport) {
    this.domain = domain;
    this.tcp = transport instanceof TcpOptions;
    this.transport = transport;
    SysctlValues settings = Loopback.settings();
    if (domain == SocketAddress.AF_INET6) {
      ip.put(IP_MULTICAST_ALL, 0);
      if (settings.get(Sysctl.BINDV6ONLY) != 0) {
        ipv6.put(IPV6_V6ONLY, 1);
      }
    }
    if (settings.get(Sysctl.IP_DEFAULT_TTL) != DEFAULT_HOPS) {
      ip.put(IP_TTL, settings.getInt(Sysctl.IP_DEFAULT_TTL));
    }
  }

  /** An accepted socket has its listener's options. */
  synchronized void inherit(InetOptions listener) {
    synchronized (listener) {
      ip.copy(listener.ip);
      ipv6.copy(listener.ipv6);
      transport.inherit(listener.transport);
    }
  }

  synchronized boolean isIpv6Only() {
    return ipv6.getOrZero(IPV6_V6ONLY) != 0;
  }

  /** A number of level IPPROTO_IP or IPPROTO_IPV6. */
  synchronized int number(int level, int name) {
    return level == IPPROTO_IP ? ip.getOrZero(name) : ipv6.getOrZero(name);
  }

  /** Whether options of the level are the transport protocol's. */
  boolean isTransport(int level) {
    return transport.isLevel(level);
  }

  /** Whether an option of the protocol is on. */
  synchronized boolean hasTransport(int name) {
    return transport.isSet(name);
  }

  /** The time to live, or hop limit, of what is sent. */
  int hops(int level) {
    return number(level, level == IPPROTO_IP ? IP_TTL : IPV6_UNICAST_HOPS);
  }

  /** The type of service, or traffic class. */
  int service(int level) {
    return number(level, level == IPPROTO_IP ? IP_TOS : IPV6_TCLASS);
  }

  /**
   * getsockopt(2).
   *
   * @param connection what the transport's options ask of the socket
   */
  synchronized byte[] get(int level, int name, int room, TransportOptions.Connection connection)
      throws ErrnoException {
    if (level == IPPROTO_IP) {
      return getIp(name, room, connection);
    }
    if (level == IPPROTO_IPV6 && domain == SocketAddress.AF_INET6) {
      if (name == IPV6_MTU) {
        return SocketOptions.ofInt(mtu(connection));
      }
      return SocketOptions.ofInt(ipv6.get(name));
    }
    if (transport.isLevel(level)) {
      return transport.get(name, room, connection);
    }
    throw ErrnoException.of(domain == SocketAddress.AF_INET ? Errno.EOPNOTSUPP : Errno.ENOPROTOOPT);
  }

  private static int mtu(TransportOptions.Connection connection) throws ErrnoException {
    if (!connection.isConnected()) {
      throw ErrnoException.of(Errno.ENOTCONN);
    }
    return connection.mtu();
  }

  private byte[] getIp(int name, int room, TransportOptions.Connection connection)
      throws ErrnoException {
    if (name == IP_OPTIONS) {
      return new byte[0];
    }
    int value = name == IP_MTU ? mtu(connection) : ip.get(name);
    boolean whole = name == IP_MULTICAST_IF || value < 0 || value > MOST_BYTE;
    // Who has room for less than an int gets a byte (ip(7)).
    return room < Integer.BYTES && room > 0 && !whole
        ? new byte[] {(byte) value}
        : SocketOptions.ofInt(value);
  }

  synchronized void set(int level, int name, byte[] value, boolean bound) throws ErrnoException {
    if (level == IPPROTO_IP) {
      setIp(name, value);
    } else if (level == IPPROTO_IPV6 && domain == SocketAddress.AF_INET6) {
      setIpv6(name, value, bound);
    } else if (transport.isLevel(level)) {
      transport.set(name, value);
    } else {
      throw ErrnoException.of(Errno.ENOPROTOOPT);
    }
  }

  private static void check(boolean holds, int errno) throws ErrnoException {
    if (!holds) {
      throw ErrnoException.of(errno);
    }
  }

  private void setIp(int name, byte[] value) throws ErrnoException {
    int number =
        value.length >= Integer.BYTES
            ? SocketOptions.toInt(value)
            : value.length > 0 ? value[0] & 0xff : 0;
    switch (name) {
      case IP_OPTIONS, IP_ROUTER_ALERT ->
          check(name == IP_OPTIONS && value.length == 0, Errno.EINVAL);
      case IP_TOS -> {
        int kept = tcp ? number & ~ECN_MASK | ip.getOrZero(IP_TOS) & ECN_MASK : number;
        ip.put(IP_TOS, kept & 0xff);
      }
      case IP_RECVFRAGSIZE -> {
        check(!tcp, Errno.EINVAL);
        ip.set(name, number);
      }
      case IP_MULTICAST_IF, IP_MULTICAST_TTL -> setMulticast(name, number, value);
      case IP_UNICAST_IF -> {
        check(value.length == Integer.BYTES, Errno.EINVAL);
        int index = Integer.reverseBytes(number);
        check(index == 0 || index == LOOPBACK_INDEX, Errno.EADDRNOTAVAIL);
        ip.set(name, number);
      }
      case IP_LOCAL_PORT_RANGE -> {
        int low = number & 0xffff;
        int high = number >>> 16;
        boolean inOrder = low == 0 || high == 0 || low <= high;
        check(value.length == Integer.BYTES && inOrder, Errno.EINVAL);
        ip.set(name, number);
      }
      case IP_TTL -> {
        check(value.length > 0, Errno.EINVAL);
        ip.set(name, number == -1 ? DEFAULT_HOPS : number);
      }
      case IP_TRANSPARENT -> {
        check(number == 0 || isNetworker(), Errno.EPERM);
        check(value.length > 0, Errno.EINVAL);
        ip.set(name, number);
      }
      case IP_FREEBIND, IP_MINTTL, IP_MULTICAST_LOOP, IP_MULTICAST_ALL -> {
        check(value.length > 0, Errno.EINVAL);
        ip.set(name, number);
      }
      default -> ip.set(name, number);
    }
  }

  private static boolean isNetworker() {
    Task task = Task.current();
    return task != null
        && (task.credentials().hasCapability(Capability.NET_RAW)
            || task.credentials().hasCapability(Capability.NET_ADMIN));
  }

  private void setMulticast(int name, int number, byte[] value) throws ErrnoException {
    check(!tcp, Errno.EINVAL);
    if (name == IP_MULTICAST_TTL) {
      check(value.length > 0, Errno.EINVAL);
      ip.set(name, number == -1 ? 1 : number);
      return;
    }
    check(value.length >= Integer.BYTES, Errno.EINVAL);
    // A struct in_addr, or in second place of an ip_mreq or ip_mreqn, which ends with an index.
    int address = value.length < 2 * Integer.BYTES ? number : intAt(value, Integer.BYTES);
    int index = value.length < 3 * Integer.BYTES ? 0 : intAt(value, 2 * Integer.BYTES);
    boolean known = index == 0 ? address == 0 || (address & 0xff) == 127 : index == LOOPBACK_INDEX;
    check(known, Errno.EADDRNOTAVAIL);
    multicastGoes = address != 0 || index != 0;
    ip.put(name, address);
  }

  private static int intAt(byte[] value, int offset) {
    return ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN).getInt(offset);
  }

  /** Whether packets for groups have been given an interface to leave by. */
  synchronized boolean multicastGoes() {
    return multicastGoes;
  }

  /** Whether groups that others are in are heard, too (IP_MULTICAST_ALL). */
  synchronized boolean hearsAllGroups() {
    return ip.getOrZero(IP_MULTICAST_ALL) != 0;
  }

  private void setIpv6(int name, byte[] value, boolean bound) throws ErrnoException {
    boolean lenient = name == 62 || name == 70 || name == 77;
    if (!IPV6.contains(name) && name != IPV6_MTU) {
      throw ErrnoException.of(Errno.ENOPROTOOPT);
    }
    boolean connectionless = name == IPV6_MULTICAST_IF || name == IPV6_MULTICAST_HOPS;
    check(!tcp || !connectionless, Errno.ENOPROTOOPT);
    int number = lenient && value.length < Integer.BYTES ? 0 : SocketOptions.toInt(value);
    switch (name) {
      case IPV6_V6ONLY -> {
        check(!bound, Errno.EINVAL);
        ipv6.set(name, number);
      }
      case IPV6_UNICAST_HOPS -> ipv6.set(name, number == -1 ? DEFAULT_HOPS : number);
      case IPV6_MULTICAST_HOPS -> ipv6.set(name, number == -1 ? 1 : number);
      case IPV6_MULTICAST_IF -> {
        check(number == 0 || number == LOOPBACK_INDEX, Errno.ENODEV);
        ipv6.set(name, number);
      }
      case IPV6_TCLASS -> {
        int wanted = number == -1 ? 0 : number;
        ipv6.set(name, wanted);
        if (tcp) {
          ipv6.put(name, wanted & ~ECN_MASK);
        }
      }
      case IPV6_MTU -> check(number == 0 || number >= 1280, Errno.EINVAL);
      case IPV6_TRANSPARENT -> {
        check(number == 0 || isNetworker(), Errno.EPERM);
        ipv6.set(name, number);
      }
      case IPV6_UNICAST_IF -> {
        check(value.length == Integer.BYTES, Errno.EINVAL);
        int index = Integer.reverseBytes(number);
        check(index == 0 || index == LOOPBACK_INDEX, Errno.EADDRNOTAVAIL);
        ipv6.set(name, number);
      }
      default -> ipv6.set(name, number);
    }
  }
}
