package dev.skerry.sentry.socket.inet;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.socket.OptionTable;
import dev.skerry.sentry.socket.SocketOptions;

/**
 * What a raw socket has options for beside IP's own: who makes the header of a packet, and where a
 * checksum of IPv6 is (raw(7), ipv6(7)). Linux: do_raw_setsockopt(), do_rawv6_setsockopt().
 */
final class RawOptions extends TransportOptions {
  static final int IPPROTO_RAW = 255;
  static final int IP_HDRINCL = 3;
  static final int IPV6_CHECKSUM = 7;
  private static final int IPV6_HDRINCL = 36;
  private static final int ICMP_FILTER = 1;

  private final boolean six;
  private volatile boolean headers;

  /** Where the checksum is, or less than zero for none. */
  private volatile int checksum = -1;

  RawOptions(boolean six, boolean headers) {
    super(new OptionTable());
    this.six = six;
    this.headers = headers;
  }

  boolean hasHeaders() {
    return headers;
  }

  int checksumAt() {
    return checksum;
  }

  @Override
  boolean isLevel(int level) {
    return level == IPPROTO_RAW;
  }

  /** Whether the option is one of those that a raw socket takes at the levels of IP, too. */
  boolean isOwn(int level, int name) {
    return six
        ? level == InetOptions.IPPROTO_IPV6 && (name == IPV6_CHECKSUM || name == IPV6_HDRINCL)
        : level == InetOptions.IPPROTO_IP && name == IP_HDRINCL;
  }

  private void check(int name) throws ErrnoException {
    boolean known = six ? name == IPV6_CHECKSUM || name == IPV6_HDRINCL : name == IP_HDRINCL;
    if (!known) {
      boolean filter = !six && name == ICMP_FILTER;
      throw ErrnoException.of(filter ? Errno.EOPNOTSUPP : Errno.ENOPROTOOPT);
    }
  }

  @Override
  byte[] get(int name, int room, Connection connection) throws ErrnoException {
    check(name);
    return SocketOptions.ofInt(six && name == IPV6_CHECKSUM ? checksum : headers ? 1 : 0);
  }

  @Override
  void set(int name, byte[] value) throws ErrnoException {
    check(name);
    int number = SocketOptions.toInt(value);
    if (!six || name == IPV6_HDRINCL) {
      headers = number != 0;
    } else if (number > 0 && (number & 1) != 0) {
      throw ErrnoException.of(Errno.EINVAL);
    } else {
      checksum = Math.max(number, -1);
    }
  }
}
