package dev.skerry.sentry.socket.inet;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.socket.Ancillary;
import dev.skerry.sentry.socket.ErrorQueue;
import dev.skerry.sentry.socket.SocketAddress;
import dev.skerry.sentry.socket.SocketFile;
import dev.skerry.sentry.socket.SocketFilter;
import dev.skerry.sentry.usermem.ArrayBuffer;
import dev.skerry.sentry.usermem.IoBuffer;
import dev.skerry.sentry.waiter.Events;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * SOCK_DGRAM of AF_INET and AF_INET6: udp(7), and udplite(7) with ports of its own. A full receiver
 * loses datagrams, as on Linux.
 */
public final class UdpSocket extends PacketSocket implements Bound {
  public static final int IPPROTO_UDPLITE = InetOptions.IPPROTO_UDPLITE;

  private static final int UDP_HEADER = 8;
  private static final int IP_RECVERR = 11;
  private static final int IPV6_RECVERR = 25;

  /** How much of a packet a report brings back. */
  private static final int MOST_RETURNED = 65507;

  private final PortTable ports;
  private final Memberships memberships;
  private volatile boolean ownsPort;

  // What bind(2) has asked for by name, and a dissolved connection does not give back. Guarded by
  // this.
  private boolean hasBoundHost;
  private boolean hasBoundPort;

  /**
   * @param lite whether it is of UDP-Lite
   */
  public UdpSocket(int domain, boolean lite, NetworkNamespace network, Maker maker) {
    this(domain, lite ? IPPROTO_UDPLITE : InetOptions.IPPROTO_UDP, network, maker);
  }

  private UdpSocket(int domain, int protocol, NetworkNamespace network, Maker maker) {
    super(
        domain,
        SOCK_DGRAM,
        protocol,
        maker,
        network,
        new InetOptions(domain, new UdpOptions(protocol)));
    this.memberships = new Memberships(network, options().optionMemory());
    this.ports = protocol == IPPROTO_UDPLITE ? network.udpLite() : network.udp();
  }

  @Override
  protected void release() {
    if (ownsPort) {
      ports.release(this);
    }
    memberships.leaveAll();
    super.release();
  }

  private synchronized long take(SocketAddress.Inet wanted) {
    if (ownsPort) {
      return 0;
    }
    long port = ports.take(this, wanted);
    if (port < 0) {
      return port;
    }
    local = wanted.withPort((int) port);
    ownsPort = true;
    return 0;
  }

  @Override
  public long bind(SocketAddress address) {
    long wrong = InetNames.checkLocalOrGroup(address, domain(), isIpv6Only());
    if (wrong != 0) {
      return wrong;
    }
    synchronized (this) {
      if (ownsPort) {
        return -Errno.EINVAL;
      }
      SocketAddress.Inet wanted = (SocketAddress.Inet) address;
      long result = take(wanted);
      if (result == 0) {
        hasBoundHost = !wanted.isAny();
        hasBoundPort = wanted.port() != 0;
      }
      return result;
    }
  }

  private synchronized void disconnect() {
    remote = null;
    if (!hasBoundHost) {
      local = SocketAddress.Inet.any(domain(), local.port());
    }
    if (!hasBoundPort && ownsPort) {
      ports.release(this);
      ownsPort = false;
      local = local.withPort(0);
    }
  }

  @Override
  public long connect(SocketAddress address) {
    if (address instanceof SocketAddress.Unspecified) {
      disconnect();
      return 0;
    }
    try {
      SocketAddress.Inet to = destination(address);
      InetNames.checkRoute(hasBoundHost ? local : SocketAddress.Inet.any(domain(), 0), to);
      long result = take(local);
      if (result < 0) {
        return result;
      }
      if (local.isAny()) {
        local = InetNames.localFor(to, domain()).withPort(local.port());
      }
      remote = to;
      return 0;
    } catch (ErrnoException e) {
      return e.result();
    }
  }

  @Override
  public SocketAddress localAddress() {
    return local.as(domain());
  }

  @Override
  public SocketAddress peerAddress() throws ErrnoException {
    SocketAddress.Inet peer = remote;
    if (peer == null || peer.port() == 0) {
      throw ErrnoException.of(Errno.ENOTCONN);
    }
    return peer.as(domain());
  }

  @Override
  public long send(IoBuffer source, @Nullable SocketAddress to, Ancillary ancillary, int flags) {
    if ((flags & MSG_OOB) != 0) {
      return -Errno.EOPNOTSUPP;
    }
    if (source.remaining() > MOST_PAYLOAD) {
      return -Errno.EMSGSIZE;
    }
    if (writeShut) {
      return -Errno.EPIPE;
    }
    long error = takeError();
    if (error != 0) {
      return error;
    }
    SocketAddress.Inet target = remote;
    if (to != null) {
      try {
        target = destination(to);
        InetNames.checkRoute(local, target);
      } catch (ErrnoException e) {
        return e.result();
      }
    }
    if (target == null) {
      return -Errno.EDESTADDRREQ;
    }
    if (target.port() == 0) {
      return -Errno.EINVAL;
    }
    long named = take(local);
    if (named < 0) {
      return named;
    }
    long result =
        InetNames.isGroup(target)
            ? deliverToGroup(source, target, ancillary.packet())
            : deliver(source, target, ancillary.packet());
    if (result >= 0) {
      sent(flags);
    }
    return result;
  }

  /** What the headers of a datagram say to its receiver. */
  private Ancillary header(
      SocketAddress.Inet to, Ancillary.@Nullable Packet wanted, UdpSocket receiver) {
    int level =
        to.unmapped().family() == SocketAddress.AF_INET
            ? InetOptions.IPPROTO_IP
            : InetOptions.IPPROTO_IPV6;
    int hops = wanted == null ? Ancillary.Packet.UNSAID : wanted.hops();
    int service = wanted == null ? Ancillary.Packet.UNSAID : wanted.service();
    Task task = receiver.options().timestamps() == 0 ? null : Task.current();
    return new Ancillary(
        List.of(),
        null,
        new Ancillary.Packet(
            to,
            hops < 0 ? inetOptions.hops(level) : hops,
            service < 0 ? inetOptions.service(level) : service,
            task == null ? 0 : task.kernel().clock().realtime()));
  }

  private long deliver(
      IoBuffer source, SocketAddress.Inet target, Ancillary.@Nullable Packet wanted) {
    long length = source.remaining();
    SocketAddress.Inet from =
        local.isAny() ? InetNames.localFor(target, domain()).withPort(local.port()) : local;
    boolean six = target.unmapped().family() == SocketAddress.AF_INET6;
    network.count(six, length);
    count(six ? NetCounter.UDP6_OUT : NetCounter.UDP_OUT);
    if (!(ports.find(target, false) instanceof UdpSocket receiver) || !receiver.accepts(from)) {
      return unreachable(source, target, six);
    }
    long result = receiver.take(source, from, target, header(target, wanted, receiver));
    if (result == -Errno.EAGAIN || (result == -Errno.EMSGSIZE && length > 0)) {
      count(six ? NetCounter.UDP6_OVERFLOWS : NetCounter.UDP_OVERFLOWS);
      return length;
    }
    if (result >= 0) {
      count(six ? NetCounter.UDP6_IN : NetCounter.UDP_IN);
      receiver.waitQueue().wake(Events.READABLE);
    }
    return result;
  }

  /** Where a datagram can go: to the host itself, or to a group on its interface. */
  private SocketAddress.Inet destination(SocketAddress to) throws ErrnoException {
    boolean leaves = inetOptions.multicastGoes() || (!local.isAny() && local.isLoopback());
    return InetNames.isGroup(to)
            && domain() == SocketAddress.AF_INET
            && leaves
            && network.isLoopbackUp()
        ? (SocketAddress.Inet) to
        : InetNames.checkRemote(to, domain(), isIpv6Only(), network);
  }

  /** Everybody who hears the group gets a datagram of its own; nobody is told of a lost one. */
  private long deliverToGroup(
      IoBuffer source, SocketAddress.Inet group, Ancillary.@Nullable Packet wanted) {
    byte[] data = new byte[(int) source.remaining()];
    if (data.length > 0 && source.get(data, 0, data.length) != data.length) {
      return -Errno.EFAULT;
    }
    SocketAddress.Inet from =
        local.isAny() ? InetNames.localFor(group, domain()).withPort(local.port()) : local;
    network.count(false, data.length);
    count(NetCounter.UDP_OUT);
    if (!network.groups().isTaken(group.host())) {
      return data.length;
    }
    for (Bound each : ports.all()) {
      if (each instanceof UdpSocket receiver && receiver.hears(group, from)) {
        ArrayBuffer copy = new ArrayBuffer(data, 0, data.length);
        if (receiver.take(copy, from, group, header(group, wanted, receiver)) >= 0) {
          count(NetCounter.UDP_IN);
          receiver.waitQueue().wake(Events.READABLE);
        }
      }
    }
    return data.length;
  }

  /** Queues a datagram, or what a filter leaves of it; the filter sees it from its header on. */
  private long take(
      IoBuffer source, SocketAddress.Inet from, SocketAddress.Inet to, Ancillary headers) {
    SocketFilter filter = options().filter();
    if (filter == null) {
      return queue.send(source, from.as(domain()), headers);
    }
    int length = (int) source.remaining();
    byte[] packet = new byte[UDP_HEADER + length];
    ByteBuffer.wrap(packet)
        .putShort((short) from.port())
        .putShort((short) to.port())
        .putShort((short) packet.length);
    if (length > 0 && source.get(packet, UDP_HEADER, length) != length) {
      return -Errno.EFAULT;
    }
    int kept = filter.run(packet);
    if (kept == 0) {
      return length;
    }
    boolean whole = Integer.compareUnsigned(kept, packet.length) >= 0;
    int left = whole ? length : Math.max(0, kept - UDP_HEADER);
    ArrayBuffer cut = new ArrayBuffer(packet, UDP_HEADER, left);
    long result = queue.send(cut, from.as(domain()), headers);
    return result < 0 ? result : length;
  }

  private boolean hears(SocketAddress.Inet group, SocketAddress.Inet from) {
    boolean bound = local.isAny() || local.sameHost(group);
    return domain() == SocketAddress.AF_INET
        && local.port() == group.port()
        && bound
        && accepts(from)
        && (memberships.contains(group.host()) || inetOptions.hearsAllGroups());
  }

  /** UDP-Lite is not counted with UDP. */
  private void count(NetCounter counter) {
    if (ports == network.udp()) {
      network.count(counter, 1);
    }
  }

  /** Nobody has the port: ICMP says so, to a sender who is connected or wants to hear of it. */
  private long unreachable(IoBuffer source, SocketAddress.Inet target, boolean six) {
    long length = source.remaining();
    count(six ? NetCounter.UDP6_NO_PORTS : NetCounter.UDP_NO_PORTS);
    network.count(six ? NetCounter.ICMP6_UNREACHABLE : NetCounter.ICMP_UNREACHABLE, 1);
    boolean tells =
        six
            ? inetOptions.number(InetOptions.IPPROTO_IPV6, IPV6_RECVERR) != 0
            : inetOptions.number(InetOptions.IPPROTO_IP, IP_RECVERR) != 0;
    if (tells) {
      byte[] data = new byte[(int) Math.min(length, MOST_RETURNED)];
      if (data.length > 0 && source.get(data, 0, data.length) != data.length) {
        return -Errno.EFAULT;
      }
      ErrorQueue.Report report =
          new ErrorQueue.Report(
              Errno.ECONNREFUSED,
              six ? ErrorQueue.ORIGIN_ICMP6 : ErrorQueue.ORIGIN_ICMP,
              six ? 1 : 3,
              six ? 4 : 3,
              0,
              0,
              target.withPort(0));
      errors().add(new ErrorQueue.Item(data, target.as(domain()), report));
    }
    if (tells || remote != null) {
      setError(Errno.ECONNREFUSED);
      waitQueue().wake(Events.ERR);
    }
    return length;
  }

  /** A connected socket hears its peer only. */
  private boolean accepts(SocketAddress.Inet from) {
    SocketAddress.Inet peer = remote;
    return peer == null || peer.equals(from);
  }

  @Override
  protected void setLevelOption(int level, int option, byte[] value) throws ErrnoException {
    if (Memberships.isOption(level, option)) {
      memberships.change(option, value);
      return;
    }
    inetOptions.set(level, option, value, ownsPort);
  }

  @Override
  public SocketAddress.Inet bound() {
    return local;
  }

  @Override
  public boolean isIpv6Only() {
    return inetOptions.isIpv6Only();
  }

  @Override
  public boolean listens() {
    return false;
  }

  @Override
  public SocketFile file() {
    return this;
  }

  @Override
  public Row row() {
    SocketAddress.Inet peer = remote;
    return new Row(
        local.as(domain()),
        peer == null ? SocketAddress.Inet.any(domain(), 0) : peer.as(domain()),
        state(),
        0,
        queue.queued(),
        ownerUid(),
        number());
  }
}
