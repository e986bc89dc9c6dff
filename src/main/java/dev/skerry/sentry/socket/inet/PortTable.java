package dev.skerry.sentry.socket.inet;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.socket.SocketAddress;
import dev.skerry.sentry.sysctl.Sysctl;
import dev.skerry.sentry.sysctl.SysctlValues;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The local ports of one protocol. Its monitor guards all. */
public final class PortTable {
  /** A socket that hears the sender alone comes before all others. */
  private static final int CONNECTED = 4;

  private final boolean tcp;
  private final Map<Integer, List<Bound>> ports = new HashMap<>();
  private final List<Bound> connected = new ArrayList<>();
  private final SysctlValues sysctl;
  private int nextEphemeral;
  private int turn;

  PortTable(boolean tcp, SysctlValues sysctl) {
    this.tcp = tcp;
    this.sysctl = sysctl;
  }

  /**
   * Finds a port for the socket at the address.
   *
   * @param wanted with port 0 for any free one
   * @return the port, or -EADDRINUSE; the socket is in the table then and must know its address
   */
  synchronized long take(Bound socket, SocketAddress.Inet wanted) {
    if (wanted.port() != 0) {
      return conflicts(socket, wanted) ? -Errno.EADDRINUSE : add(socket, wanted.port());
    }
    int first = (int) sysctl.get(Sysctl.IP_LOCAL_PORT_RANGE, 0);
    int last = (int) sysctl.get(Sysctl.IP_LOCAL_PORT_RANGE, 1);
    for (int tries = 0; tries <= last - first; tries++) {
      int port = nextEphemeral < first || nextEphemeral > last ? first : nextEphemeral;
      nextEphemeral = port + 1;
      if (!ports.containsKey(port)) {
        return add(socket, port);
      }
    }
    return -Errno.EADDRINUSE;
  }

  private long add(Bound socket, int port) {
    ports.computeIfAbsent(port, key -> new ArrayList<>(1)).add(socket);
    return port;
  }

  private boolean conflicts(Bound socket, SocketAddress.Inet wanted) {
    for (Bound other : ports.getOrDefault(wanted.port(), List.of())) {
      if (other == socket || !overlap(socket, wanted, other)) {
        continue;
      }
      boolean bothAddress = socket.reusesAddress() && other.reusesAddress();
      boolean bothPort =
          socket.reusesPort() && other.reusesPort() && socket.ownerUid() == other.ownerUid();
      if (!bothPort && !(bothAddress && !(tcp && other.listens()))) {
        return true;
      }
    }
    return false;
  }

  private static boolean overlap(Bound socket, SocketAddress.Inet wanted, Bound other) {
    SocketAddress.Inet present = other.bound();
    boolean sameFamily = wanted.unmapped().family() == present.unmapped().family();
    if (wanted.isAny() || present.isAny()) {
      boolean wide =
          (wanted.isAny() && wanted.family() == SocketAddress.AF_INET6 && !socket.isIpv6Only())
              || (present.isAny()
                  && present.family() == SocketAddress.AF_INET6
                  && !other.isIpv6Only());
      return sameFamily || wide;
    }
    return sameFamily && wanted.sameHost(present);
  }

  /** Whether a listening socket could not take the port of another that listens already. */
  synchronized boolean othersListen(Bound socket) {
    SocketAddress.Inet own = socket.bound();
    for (Bound other : ports.getOrDefault(own.port(), List.of())) {
      if (other != socket
          && other.listens()
          && overlap(socket, own, other)
          && !(socket.reusesPort() && other.reusesPort())) {
        return true;
      }
    }
    return false;
  }

  synchronized void release(Bound socket) {
    List<Bound> sockets = ports.get(socket.bound().port());
    if (sockets != null) {
      sockets.remove(socket);
      if (sockets.isEmpty()) {
        ports.remove(socket.bound().port());
      }
    }
    connected.remove(socket);
  }

  /** Notes an accepted socket, which shares its listener's port, so that it shows in /proc. */
  synchronized void show(Bound socket) {
    connected.add(socket);
  }

  /** Who gets a connection to the address. */
  synchronized @Nullable Bound findListener(SocketAddress.Inet to) {
    return find(to, null);
  }

  /**
   * Who gets what is sent to the address: the most exact match; among equals that share a port
   * (SO_REUSEPORT) each in turn, and else the last that came.
   *
   * @param from who sends it; null for a connection
   */
  synchronized @Nullable Bound find(SocketAddress.Inet to, SocketAddress.@Nullable Inet from) {
    List<Bound> best = new ArrayList<>(1);
    int bestScore = 0;
    for (Bound socket : ports.getOrDefault(to.port(), List.of())) {
      boolean wanted = from == null ? socket.listens() : !socket.refuses(from);
      int score = wanted ? score(socket, to) : 0;
      if (score > 0 && from != null && socket.hearsOnly(from)) {
        score += CONNECTED;
      }
      if (score > bestScore) {
        best.clear();
        bestScore = score;
      }
      if (score == bestScore && score > 0) {
        best.add(socket);
      }
    }
    if (best.isEmpty()) {
      return null;
    }
    Bound last = best.getLast();
    return last.reusesPort() ? best.get(Math.floorMod(turn++, best.size())) : last;
  }

  private static int score(Bound socket, SocketAddress.Inet to) {
    SocketAddress.Inet local = socket.bound();
    boolean sameFamily = local.unmapped().family() == to.unmapped().family();
    if (!local.isAny()) {
      return sameFamily && local.sameHost(to) ? 3 : 0;
    }
    if (sameFamily) {
      return 2;
    }
    return local.family() == SocketAddress.AF_INET6 && !socket.isIpv6Only() ? 1 : 0;
  }

  /** Every socket of the table, those that listen first. */
  public synchronized List<Bound> all() {
    List<Bound> all = new ArrayList<>();
    ports.values().forEach(all::addAll);
    all.addAll(connected);
    all.sort((one, other) -> Boolean.compare(other.listens(), one.listens()));
    return all;
  }
}
