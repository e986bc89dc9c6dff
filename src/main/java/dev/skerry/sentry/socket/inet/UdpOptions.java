package dev.skerry.sentry.socket.inet;

import dev.skerry.sentry.socket.OptionTable;

/** The options of level IPPROTO_UDP (udp(7)). */
final class UdpOptions extends TransportOptions {
  private static final int UDP_CORK = 1;

  /** UDP_NO_CHECK6_TX, UDP_NO_CHECK6_RX. */
  private static final OptionTable TABLE =
      new OptionTable().flags(UDP_CORK, 101, 102).shown(10, 0).shown(11, 0);

  UdpOptions() {
    super(TABLE);
  }

  @Override
  int level() {
    return InetOptions.IPPROTO_UDP;
  }
}
