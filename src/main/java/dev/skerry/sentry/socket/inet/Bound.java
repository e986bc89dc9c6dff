package dev.skerry.sentry.socket.inet;

import dev.skerry.sentry.socket.SocketAddress;
import dev.skerry.sentry.socket.SocketFile;
import dev.skerry.sentry.socket.SocketOptions;

/** A socket in a {@link PortTable}. */
public interface Bound {
  /** Its address with the port that it has in the table. */
  SocketAddress.Inet bound();

  /** Whether it takes IPv6 only (IPV6_V6ONLY), so that IPv4's port is free for others. */
  boolean isIpv6Only();

  /** The socket itself. */
  SocketFile file();

  /** SO_REUSEADDR. */
  default boolean reusesAddress() {
    return file().options().isSet(SocketOptions.SO_REUSEADDR);
  }

  /** SO_REUSEPORT. */
  default boolean reusesPort() {
    return file().options().isSet(SocketOptions.SO_REUSEPORT);
  }

  /** Whether it hears nobody but one peer, and that is not this one. */
  default boolean refuses(SocketAddress.Inet from) {
    return false;
  }

  /** Whether it hears this peer alone. */
  default boolean hearsOnly(SocketAddress.Inet from) {
    return false;
  }

  /** Whether it waits for connections. */
  boolean listens();

  default int ownerUid() {
    return file().maker().sender().uid();
  }

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
