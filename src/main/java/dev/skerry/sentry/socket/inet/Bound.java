package dev.skerry.sentry.socket.inet;

import dev.skerry.sentry.socket.SocketAddress;

/** A socket in a {@link PortTable}. */
public interface Bound {
  /** Its address with the port that it has in the table. */
  SocketAddress.Inet bound();

  /** Whether it takes IPv6 only (IPV6_V6ONLY), so that IPv4's port is free for others. */
  boolean isIpv6Only();

  /** SO_REUSEADDR. */
  boolean reusesAddress();

  /** SO_REUSEPORT. */
  boolean reusesPort();

  /** Whether it waits for connections. */
  boolean listens();

  int ownerUid();

  /** What /proc/net/tcp and its like show of it. */
  Row row();

  /**
   * @param remote the peer, or any address with port 0
   * @param state the number of net/tcp_states.h
   */
  record Row(
      SocketAddress.Inet local,
      SocketAddress.Inet remote,
      int state,
      int sendQueue,
      int receiveQueue,
      int uid,
      long inode) {}
}
