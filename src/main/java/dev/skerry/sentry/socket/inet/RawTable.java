package dev.skerry.sentry.socket.inet;

import dev.skerry.sentry.socket.SocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The raw sockets of a network namespace, and the way of the packets that they send. Linux:
 * raw_local_deliver() and ip_local_deliver_finish().
 */
public final class RawTable {
  private final NetworkNamespace network;
  private final List<RawSocket> sockets = new CopyOnWriteArrayList<>();

  RawTable(NetworkNamespace network) {
    this.network = network;
  }

  void add(RawSocket socket) {
    sockets.add(socket);
  }

  void remove(RawSocket socket) {
    sockets.remove(socket);
  }

  /** Whether somebody sees packets of the protocol besides those whom they are for. */
  boolean sees(boolean six, int protocol) {
    for (RawSocket socket : sockets) {
      if (socket.sees(six, protocol)) {
        return true;
      }
    }
    return false;
  }

  /** Shows a packet to all who see such. */
  void show(IpPacket packet) {
    for (RawSocket socket : sockets) {
      socket.arrive(packet);
    }
  }

  /** Sends a packet over the loopback interface. */
  void transmit(IpPacket packet) {
    boolean six = packet.isSix();
    network.count(six, packet.payload().length);
    show(packet);
    int icmp = IcmpSocket.protocolOf(six ? SocketAddress.AF_INET6 : SocketAddress.AF_INET);
    if (packet.protocol() == icmp) {
      network
          .icmp()
          .transmit(packet.payload(), packet.from(), packet.to(), packet.hops(), packet.service());
    } else if (packet.protocol() == InetOptions.IPPROTO_UDP) {
      UdpSocket.arrive(network, packet);
    }
  }

  /** What /proc/net/raw and raw6 show. */
  public List<Bound.Row> rows(boolean six) {
    return sockets.stream().filter(socket -> socket.isSix() == six).map(RawSocket::row).toList();
  }
}
