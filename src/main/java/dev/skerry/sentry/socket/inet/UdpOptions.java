package dev.skerry.sentry.socket.inet;

import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.socket.OptionTable;
import dev.skerry.sentry.socket.SocketOptions;

/** The options of levels IPPROTO_UDP (udp(7)) and IPPROTO_UDPLITE (udplite(7)). */
final class UdpOptions extends TransportOptions {
  static final int UDP_CORK = 1;
  private static final int UDPLITE_SEND_CSCOV = 10;
  private static final int UDPLITE_RECV_CSCOV = 11;
  private static final int HEADER_BYTES = 8;
  private static final int MOST_COVERAGE = 0xffff;

  private static final OptionTable LITE =
      new OptionTable()
          .flags(UDP_CORK, 101, 102)
          .number(UDPLITE_SEND_CSCOV, 0, 0, MOST_COVERAGE)
          .number(UDPLITE_RECV_CSCOV, 0, 0, MOST_COVERAGE);

  /** UDP_NO_CHECK6_TX, UDP_NO_CHECK6_RX. */
  private static final OptionTable TABLE =
      new OptionTable().flags(UDP_CORK, 101, 102).shown(10, 0).shown(11, 0);

  private final int protocol;

  UdpOptions(int protocol) {
    super(protocol == InetOptions.IPPROTO_UDP ? TABLE : LITE);
    this.protocol = protocol;
  }

  @Override
  boolean isLevel(int level) {
    return level == InetOptions.IPPROTO_UDP || level == InetOptions.IPPROTO_UDPLITE;
  }

  @Override
  void set(int name, byte[] value) throws ErrnoException {
    int number = SocketOptions.toInt(value);
    boolean coverage = name == UDPLITE_SEND_CSCOV || name == UDPLITE_RECV_CSCOV;
    if (protocol == InetOptions.IPPROTO_UDPLITE && coverage) {
      // Zero stands for all of a datagram; the header is always covered.
      int least = number == 0 ? 0 : HEADER_BYTES;
      values.set(name, number < least ? least : Math.min(number, MOST_COVERAGE));
    } else {
      values.set(name, number);
    }
  }
}
