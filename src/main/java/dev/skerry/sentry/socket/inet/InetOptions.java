package dev.skerry.sentry.socket.inet;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.socket.SocketAddress;
import dev.skerry.sentry.socket.SocketOptions;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The options of levels IPPROTO_IP, IPPROTO_IPV6 and IPPROTO_TCP (ip(7), ipv6(7), tcp(7)). What
 * tunes a real network is kept and shown, and changes nothing on the loopback. Its monitor guards
 * all.
 */
final class InetOptions {
  static final int IPPROTO_IP = 0;
  static final int IPPROTO_TCP = 6;
  static final int IPPROTO_UDP = 17;
  static final int IPPROTO_IPV6 = 41;

  static final int IPV6_V6ONLY = 26;
  private static final int TCP_MAXSEG = 2;
  private static final int TCP_INFO = 11;
  private static final int TCP_CONGESTION = 13;
  private static final int LOOPBACK_MSS = 65483;
  private static final int TCP_INFO_SIZE = 104;

  private record Option(int level, int name) {
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Option option && option.level == level && option.name == name;
    }

    @Override
    public int hashCode() {
      return level * 31 + name;
    }
  }

  private static final Map<Option, Integer> DEFAULTS = new HashMap<>();

  static {
    int[][] rows = {
      // IP_TOS, IP_TTL, IP_PKTINFO, IP_MTU_DISCOVER, IP_RECVERR, IP_RECVTTL, IP_RECVTOS,
      // IP_FREEBIND,
      // IP_TRANSPARENT, IP_MULTICAST_TTL, IP_MULTICAST_LOOP, IP_BIND_ADDRESS_NO_PORT
      {IPPROTO_IP, 1, 0},
      {IPPROTO_IP, 2, 64},
      {IPPROTO_IP, 8, 0},
      {IPPROTO_IP, 10, 1},
      {IPPROTO_IP, 11, 0},
      {IPPROTO_IP, 12, 0},
      {IPPROTO_IP, 13, 0},
      {IPPROTO_IP, 15, 0},
      {IPPROTO_IP, 33, 1},
      {IPPROTO_IP, 34, 1},
      {IPPROTO_IP, 24, 0},
      // IPV6_UNICAST_HOPS, MULTICAST_HOPS, MULTICAST_LOOP, MTU_DISCOVER, RECVERR, V6ONLY,
      // RECVPKTINFO,
      // RECVHOPLIMIT, RECVTCLASS, TCLASS
      {IPPROTO_IPV6, 16, -1},
      {IPPROTO_IPV6, 18, 1},
      {IPPROTO_IPV6, 19, 1},
      {IPPROTO_IPV6, 23, 1},
      {IPPROTO_IPV6, 25, 0},
      {IPPROTO_IPV6, IPV6_V6ONLY, 0},
      {IPPROTO_IPV6, 49, 0},
      {IPPROTO_IPV6, 51, 0},
      {IPPROTO_IPV6, 66, 0},
      {IPPROTO_IPV6, 67, 0},
      // TCP_NODELAY, CORK, KEEPIDLE, KEEPINTVL, KEEPCNT, SYNCNT, LINGER2, DEFER_ACCEPT,
      // WINDOW_CLAMP,
      // QUICKACK, USER_TIMEOUT, FASTOPEN, NOTSENT_LOWAT
      {IPPROTO_TCP, 1, 0},
      {IPPROTO_TCP, 3, 0},
      {IPPROTO_TCP, 4, 7200},
      {IPPROTO_TCP, 5, 75},
      {IPPROTO_TCP, 6, 9},
      {IPPROTO_TCP, 7, 6},
      {IPPROTO_TCP, 8, 60},
      {IPPROTO_TCP, 9, 0},
      {IPPROTO_TCP, 10, 0},
      {IPPROTO_TCP, 12, 1},
      {IPPROTO_TCP, 18, 0},
      {IPPROTO_TCP, 23, 0},
      {IPPROTO_TCP, 25, 0},
    };
    for (int[] row : rows) {
      DEFAULTS.put(new Option(row[0], row[1]), row[2]);
    }
  }

  private final int domain;
  private final boolean tcp;
  private final Map<Option, Integer> values = new HashMap<>();

  InetOptions(int domain, boolean tcp) {
    this.domain = domain;
    this.tcp = tcp;
  }

  private boolean applies(int level) {
    return switch (level) {
      case IPPROTO_IP -> true;
      case IPPROTO_IPV6 -> domain == SocketAddress.AF_INET6;
      case IPPROTO_TCP -> tcp;
      default -> false;
    };
  }

  synchronized boolean isIpv6Only() {
    return values.getOrDefault(new Option(IPPROTO_IPV6, IPV6_V6ONLY), 0) != 0;
  }

  synchronized byte[] get(int level, int name, int tcpState) throws ErrnoException {
    if (!applies(level)) {
      throw ErrnoException.of(level == IPPROTO_TCP ? Errno.EOPNOTSUPP : Errno.ENOPROTOOPT);
    }
    if (level == IPPROTO_TCP) {
      switch (name) {
        case TCP_MAXSEG -> {
          return SocketOptions.ofInt(LOOPBACK_MSS);
        }
        case TCP_INFO -> {
          byte[] info = new byte[TCP_INFO_SIZE];
          info[0] = (byte) tcpState;
          return info;
        }
        case TCP_CONGESTION -> {
          return new byte[] {'c', 'u', 'b', 'i', 'c', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
        }
        default -> {}
      }
    }
    Option option = new Option(level, name);
    Integer fallback = DEFAULTS.get(option);
    if (fallback == null) {
      throw ErrnoException.of(Errno.ENOPROTOOPT);
    }
    return SocketOptions.ofInt(values.getOrDefault(option, fallback));
  }

  synchronized void set(int level, int name, byte[] value) throws ErrnoException {
    Option option = new Option(level, name);
    if (!applies(level)) {
      throw ErrnoException.of(Errno.ENOPROTOOPT);
    }
    if (level == IPPROTO_TCP && name == TCP_MAXSEG) {
      return;
    }
    if (level == IPPROTO_TCP && name == TCP_CONGESTION) {
      String wanted = new String(value, StandardCharsets.ISO_8859_1);
      if (!wanted.replace("\0", "").equals("cubic")) {
        throw ErrnoException.of(Errno.ENOENT);
      }
      return;
    }
    if (!DEFAULTS.containsKey(option)) {
      throw ErrnoException.of(Errno.ENOPROTOOPT);
    }
    // The IP level takes single bytes too (ip(7)).
    int number =
        level == IPPROTO_IP && value.length > 0 && value.length < Integer.BYTES
            ? value[0] & 0xff
            : SocketOptions.toInt(value);
    values.put(option, number);
  }
}
