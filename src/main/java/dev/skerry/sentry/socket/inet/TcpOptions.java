package dev.skerry.sentry.socket.inet;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.socket.Loopback;
import dev.skerry.sentry.socket.OptionTable;
import dev.skerry.sentry.socket.SocketOptions;
import dev.skerry.sentry.sysctl.Sysctl;
import dev.skerry.sentry.sysctl.SysctlValues;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The options of level IPPROTO_TCP (tcp(7)). Linux: do_tcp_setsockopt() of net/ipv4/tcp.c. */
final class TcpOptions extends TransportOptions {
  static final int TCP_NODELAY = 1;
  private static final int TCP_MAXSEG = 2;
  static final int TCP_CORK = 3;
  private static final int TCP_LINGER2 = 8;
  private static final int TCP_DEFER_ACCEPT = 9;
  static final int TCP_WINDOW_CLAMP = 10;
  private static final int TCP_INFO = 11;
  private static final int TCP_CONGESTION = 13;
  private static final int TCP_THIN_DUPACK = 17;
  private static final int TCP_FASTOPEN = 23;
  private static final int TCP_SAVED_SYN = 28;
  private static final int TCP_ULP = 31;
  static final int TCP_INQ = 36;

  private static final int MOST_SECONDS = 32767;
  private static final int MOST_PROBES = 127;
  private static final int FIN_TIMEOUT = 60;
  private static final int MOST_FIN_TIMEOUT = 120;
  private static final int MOST_RETRANSMISSION = 120;
  private static final int MOST_RETRANSMISSIONS = 255;
  private static final int LEAST_WINDOW = 1152;
  private static final int MOST_FASTOPEN = 4096;
  private static final int FIRST_SEGMENT = 536;
  private static final int LEAST_SEGMENT = 88;
  private static final int MOST_PACKET = 65535;
  private static final int HEADERS = 52;
  private static final int INFO_BYTES = 256;
  private static final int NAME_BYTES = 16;

  /** TCP_KEEPIDLE and so on, in the order of their numbers. */
  private static final OptionTable TABLE =
      new OptionTable()
          .flags(TCP_NODELAY, TCP_CORK)
          .number(TCP_MAXSEG, 0, LEAST_SEGMENT, MOST_SECONDS)
          .number(4, 7200, 1, MOST_SECONDS)
          .number(5, 75, 1, MOST_SECONDS)
          .number(6, 9, 1, MOST_PROBES)
          .number(7, 6, 1, MOST_PROBES)
          .number(TCP_LINGER2, FIN_TIMEOUT, -1, MOST_FIN_TIMEOUT)
          .number(TCP_DEFER_ACCEPT, 0, 0, Integer.MAX_VALUE)
          .number(TCP_WINDOW_CLAMP, 0, 0, Integer.MAX_VALUE)
          .flagsOn(12)
          .number(16, 0, 0, 1)
          .number(TCP_THIN_DUPACK, 0, 0, 1)
          .number(18, 0, 0, Integer.MAX_VALUE)
          .number(TCP_FASTOPEN, 0, 0, Integer.MAX_VALUE)
          .number(25, 0, Integer.MIN_VALUE, Integer.MAX_VALUE)
          .number(27, 0, 0, 1)
          .number(30, 0, 0, 1)
          .number(34, 0, 0, 1)
          .number(TCP_INQ, 0, 0, 1)
          .number(37, 0, 0, Integer.MAX_VALUE);

  private static final Sysctl[] SETTINGS = {
    Sysctl.TCP_KEEPALIVE_TIME,
    Sysctl.TCP_KEEPALIVE_INTVL,
    Sysctl.TCP_KEEPALIVE_PROBES,
    Sysctl.TCP_SYN_RETRIES,
    Sysctl.TCP_FIN_TIMEOUT
  };

  /** The option that each of them is the usual value of. */
  private static final int[] SET_BY = {4, 5, 6, 7, TCP_LINGER2};

  private String congestion;

  TcpOptions() {
    super(TABLE);
    SysctlValues settings = Loopback.settings();
    congestion = settings.word(Sysctl.TCP_CONGESTION_CONTROL);
    for (int i = 0; i < SETTINGS.length; i++) {
      if (settings.getInt(SETTINGS[i]) != values.getOrZero(SET_BY[i])) {
        values.put(SET_BY[i], settings.getInt(SETTINGS[i]));
      }
    }
  }

  @Override
  boolean isLevel(int level) {
    return level == InetOptions.IPPROTO_TCP;
  }

  @Override
  byte[] get(int name, int room, Connection connection) throws ErrnoException {
    return switch (name) {
      case TCP_MAXSEG -> SocketOptions.ofInt(segment(connection));
      case TCP_INFO -> info(connection);
      case TCP_CONGESTION ->
          Arrays.copyOf(congestion.getBytes(StandardCharsets.ISO_8859_1), NAME_BYTES);
      case TCP_SAVED_SYN, TCP_ULP -> new byte[0];
      default -> super.get(name, room, connection);
    };
  }

  private int segment(Connection connection) {
    if (connection.isConnected()) {
      return connectedSegment(connection);
    }
    int wanted = values.getOrZero(TCP_MAXSEG);
    return wanted == 0 ? FIRST_SEGMENT : wanted;
  }

  /** What a packet holds beside the headers of IPv4 and TCP, with the time stamps of the latter. */
  private static int connectedSegment(Connection connection) {
    return Math.max(Math.min(connection.mtu(), MOST_PACKET) - HEADERS, FIRST_SEGMENT);
  }

  /** struct tcp_info as far as it is the same for every connection over the loopback. */
  private static byte[] info(Connection connection) {
    boolean connected = connection.isConnected();
    int segment = connected ? connectedSegment(connection) : FIRST_SEGMENT;
    ByteBuffer info = ByteBuffer.allocate(INFO_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    info.put(0, (byte) connection.state());
    // tcpi_rto and tcpi_ato; the segments' sizes; tcpi_pmtu and the first thresholds.
    info.putInt(8, connected ? 200_000 : 1_000_000);
    info.putInt(12, connected ? 40_000 : 0);
    info.putInt(16, segment);
    info.putInt(20, segment);
    info.putInt(60, connected ? connection.mtu() : 0);
    info.putInt(72, Integer.MAX_VALUE);
    info.putInt(80, 10);
    return info.array();
  }

  @Override
  void set(int name, byte[] value) throws ErrnoException {
    if (name == TCP_CONGESTION || name == TCP_ULP) {
      setName(name, value);
      return;
    }
    int number = SocketOptions.toInt(value);
    int wanted =
        switch (name) {
          case TCP_LINGER2 -> number == 0 ? FIN_TIMEOUT : Math.clamp(number, -1, MOST_FIN_TIMEOUT);
          case TCP_DEFER_ACCEPT -> wholeRetransmissions(number);
          case TCP_WINDOW_CLAMP -> number == 0 ? 0 : Math.max(number, LEAST_WINDOW);
          case TCP_FASTOPEN -> Math.min(number, MOST_FASTOPEN);
          default -> number;
        };
    if (name == TCP_MAXSEG && wanted == 0) {
      values.put(name, 0);
      return;
    }
    values.set(name, wanted);
    if (name == TCP_THIN_DUPACK) {
      // Accepted, and without effect for years.
      values.put(name, 0);
    }
  }

  private void setName(int name, byte[] value) throws ErrnoException {
    if (value.length == 0) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    int length = 0;
    while (length < value.length && length < NAME_BYTES - 1 && value[length] != 0) {
      length++;
    }
    String wanted = new String(value, 0, length, StandardCharsets.ISO_8859_1);
    if (name == TCP_ULP || (!wanted.equals("cubic") && !wanted.equals("reno"))) {
      throw ErrnoException.of(Errno.ENOENT);
    }
    congestion = wanted;
  }

  /** Seconds as the sum of whole time-outs of retransmission, each twice the one before. */
  private static int wholeRetransmissions(int seconds) {
    int period = 0;
    int timeout = 1;
    for (int count = 0; period < seconds && count < MOST_RETRANSMISSIONS; count++) {
      period += timeout;
      timeout = Math.min(2 * timeout, MOST_RETRANSMISSION);
    }
    return period;
  }
}
