package dev.skerry.sentry.socket.inet;

import dev.skerry.sentry.socket.SocketAddress;
import dev.skerry.sentry.sysctl.Sysctl;
import dev.skerry.sentry.sysctl.SysctlValues;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The sockets for ICMP of a network namespace, and what answers echo requests there. Its monitor
 * guards who has which identifier.
 */
final class IcmpTable {
  private static final int MOST_IDENTIFIER = 0xffff;

  private final NetworkNamespace network;
  private final List<IcmpSocket> sockets = new CopyOnWriteArrayList<>();
  private int lastIdentifier;

  IcmpTable(NetworkNamespace network) {
    this.network = network;
  }

  void add(IcmpSocket socket) {
    sockets.add(socket);
  }

  /** Of those that share an identifier the last one that took it gets the replies. */
  void putFirst(IcmpSocket socket) {
    sockets.remove(socket);
    sockets.addFirst(socket);
  }

  void remove(IcmpSocket socket) {
    sockets.remove(socket);
  }

  private boolean isTaken(boolean six, int identifier) {
    for (IcmpSocket socket : sockets) {
      if (socket.hasIdentifier(six, identifier)) {
        return true;
      }
    }
    return false;
  }

  /** A free identifier, or zero. Called with the monitor held. */
  int free(boolean six) {
    for (int tries = 0; tries < MOST_IDENTIFIER; tries++) {
      lastIdentifier = lastIdentifier % MOST_IDENTIFIER + 1;
      if (!isTaken(six, lastIdentifier)) {
        return lastIdentifier;
      }
    }
    return 0;
  }

  /** Sends a packet over the loopback interface, and what the receiving end answers. */
  void transmit(
      byte[] packet, SocketAddress.Inet from, SocketAddress.Inet to, int hops, int service) {
    boolean six = from.family() == SocketAddress.AF_INET6;
    deliver(packet, from, to, hops, service);
    SysctlValues settings = network.sysctl();
    if (settings.get(Sysctl.ICMP_ECHO_IGNORE_ALL) == 0
        && IcmpPackets.isEcho(packet, six, from, to)) {
      network.count(six ? NetCounter.ICMP6_ECHO : NetCounter.ICMP_ECHO, 1);
      network.count(six ? NetCounter.ICMP6_REPLY : NetCounter.ICMP_REPLY, 1);
      int usual = settings.getInt(Sysctl.IP_DEFAULT_TTL);
      deliver(IcmpPackets.reply(packet, six, to, from), to, from, usual, service);
    }
  }

  private void deliver(
      byte[] packet, SocketAddress.Inet from, SocketAddress.Inet to, int hops, int service) {
    network.count(from.family() == SocketAddress.AF_INET6, packet.length);
    boolean taken = false;
    for (IcmpSocket socket : sockets) {
      if (socket.isRaw() || !taken) {
        taken |= socket.arrive(packet, from, to, hops, service) && !socket.isRaw();
      }
    }
  }
}
