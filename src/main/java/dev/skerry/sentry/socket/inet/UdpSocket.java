package dev.skerry.sentry.socket.inet;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.socket.Ancillary;
import dev.skerry.sentry.socket.CorkedDatagram;
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
  private static final int IP_HEADER = 20;
  private static final int IPV6_HEADER = 40;
  private static final int IP_MTU_DISCOVER = 10;
  private static final int IPV6_MTU_DISCOVER = 23;
  private static final int PMTUDISC_DO = 2;
  private static final int IP_RECVERR = 11;
  private static final int IPV6_RECVERR = 25;

  /** The most that a datagram over IPv6 holds, in bytes, and the most that may be asked for. */
  private static final int MOST_PAYLOAD6 = 65527;

  private static final int MOST_LENGTH = 65535;

  private final PortTable ports;
  private final Memberships memberships;
  private volatile boolean ownsPort;
  private final CorkedDatagram corked = new CorkedDatagram();

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
    corked.drop();
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
      InetNames.checkRoute(chosenHost(), to);
      long result = take(local);
      if (result < 0) {
        return result;
      }
      if (local.isAny()) {
        local = InetNames.localFor(to, domain()).withPort(local.port());
      }
      remote = to;
      if (domain() == SocketAddress.AF_INET) {
        corked.redirect(to);
      }
      return 0;
    } catch (ErrnoException e) {
      return e.result();
    }
  }

  @Override
  public long send(IoBuffer source, @Nullable SocketAddress to, Ancillary ancillary, int flags) {
    boolean plain = domain() == SocketAddress.AF_INET;
    if (plain && source.remaining() > MOST_LENGTH) {
      return -Errno.EMSGSIZE;
    }
    if ((flags & MSG_OOB) != 0 && plain) {
      return -Errno.EOPNOTSUPP;
    }
    if (writeShut) {
      return -Errno.EPIPE;
    }
    long error = takeError();
    if (error != 0) {
      return error;
    }
    SocketAddress.Inet begun = corked.target();
    SocketAddress.Inet target = begun == null ? remote : begun;
    if (to != null && begun == null) {
      try {
        target = destination(to);
        InetNames.checkRoute(chosenHost(), target);
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
    if (source.remaining() > mostPayload(target)) {
      corked.drop();
      return tooLong(target);
    }
    byte[] data = new byte[(int) source.remaining()];
    if (data.length > 0 && source.get(data, 0, data.length) != data.length) {
      corked.drop();
      return -Errno.EFAULT;
    }
    boolean more = (flags & MSG_MORE) != 0 || inetOptions.hasTransport(UdpOptions.UDP_CORK);
    long result =
        more || begun != null
            ? addToCorked(data, target, ancillary.packet(), more)
            : transmit(data, target, ancillary.packet());
    if (result >= 0) {
      sent(flags);
    }
    return result;
  }

  private long addToCorked(
      byte[] data, SocketAddress.Inet target, Ancillary.@Nullable Packet packet, boolean more) {
    long added = corked.add(data, target, packet, mostPayload(target));
    long result = added < 0 || more ? added : flush();
    return result < 0 ? result : data.length;
  }

  /** Sends what was put together; zero, or a negative error. */
  private long flush() {
    CorkedDatagram.Whole whole = corked.take();
    return whole == null ? 0 : Math.min(transmit(whole.data(), whole.to(), whole.with()), 0);
  }

  /** IPv6 also reports such an error of the sender's own. */
  private long tooLong(SocketAddress.Inet target) {
    boolean six = target.unmapped().family() == SocketAddress.AF_INET6;
    if (six && inetOptions.number(InetOptions.IPPROTO_IPV6, IPV6_RECVERR) != 0) {
      ErrorQueue.Report report =
          new ErrorQueue.Report(
              Errno.EMSGSIZE, ErrorQueue.ORIGIN_LOCAL, 0, 0, network.mtu(), 0, null);
      errors().add(new ErrorQueue.Item(new byte[0], target, report));
      waitQueue().wake(Events.ERR);
    }
    return -Errno.EMSGSIZE;
  }

  private static int mostPayload(SocketAddress.Inet target) {
    boolean six = target.unmapped().family() == SocketAddress.AF_INET6;
    return six ? MOST_PAYLOAD6 : MOST_PAYLOAD;
  }

  /** How much goes in one packet, for a socket that has none taken to pieces (IP_MTU_DISCOVER). */
  private int mostWhole(SocketAddress.Inet target) {
    boolean six = target.unmapped().family() == SocketAddress.AF_INET6;
    int discover =
        six
            ? inetOptions.number(InetOptions.IPPROTO_IPV6, IPV6_MTU_DISCOVER)
            : inetOptions.number(InetOptions.IPPROTO_IP, IP_MTU_DISCOVER);
    return discover == PMTUDISC_DO
        ? network.mtu() - UDP_HEADER - (six ? IPV6_HEADER : IP_HEADER)
        : MOST_LENGTH;
  }

  /** A datagram leaves: the bytes sent, whatever becomes of them, or a negative error. */
  private long transmit(byte[] data, SocketAddress.Inet target, Ancillary.@Nullable Packet wanted) {
    if (data.length > mostWhole(target)) {
      return -Errno.EMSGSIZE;
    }
    return InetNames.isGroup(target)
        ? deliverToGroup(data, target, wanted)
        : deliver(data, target, wanted);
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

  private long deliver(byte[] data, SocketAddress.Inet target, Ancillary.@Nullable Packet wanted) {
    int length = data.length;
    SocketAddress.Inet from = source(target);
    boolean six = target.unmapped().family() == SocketAddress.AF_INET6;
    network.count(six, length);
    count(six ? NetCounter.UDP6_OUT : NetCounter.UDP_OUT);
    show(data, from, target, wanted);
    if (!(ports.find(target, from) instanceof UdpSocket receiver)) {
      return unreachable(data, target, six);
    }
    long result = receiver.take(data, from, target, header(target, wanted, receiver));
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

  /** Shows a datagram to those who see every packet. */
  private void show(
      byte[] data,
      SocketAddress.Inet from,
      SocketAddress.Inet target,
      Ancillary.@Nullable Packet wanted) {
    boolean six = target.unmapped().family() == SocketAddress.AF_INET6;
    if (network.raw().sees(six, protocol())) {
      Ancillary.Packet packet = header(target, wanted, this).packet();
      if (packet != null) {
        network
            .raw()
            .show(UdpPackets.of(protocol(), data, from.unmapped(), target.unmapped(), packet));
      }
    }
  }

  /** A packet that a raw socket has sent. */
  static void arrive(NetworkNamespace network, IpPacket packet) {
    UdpPackets.Datagram datagram = UdpPackets.read(packet);
    NetCounter counter = packet.isSix() ? NetCounter.UDP6_IN : NetCounter.UDP_IN;
    if (datagram != null
        && network.udp().find(datagram.to(), datagram.from()) instanceof UdpSocket receiver) {
      Ancillary headers =
          new Ancillary(
              List.of(),
              null,
              new Ancillary.Packet(datagram.to(), packet.hops(), packet.service(), 0));
      if (receiver.take(datagram.data(), datagram.from(), datagram.to(), headers) >= 0) {
        network.count(counter, 1);
        receiver.waitQueue().wake(Events.READABLE);
      }
    }
  }

  /** The host that bind(2) has named; any for one that a connection has brought. */
  private synchronized SocketAddress.Inet chosenHost() {
    return hasBoundHost ? local : SocketAddress.Inet.any(domain(), 0);
  }

  /** Where a datagram comes from: of the kind that its target is of. */
  private SocketAddress.Inet source(SocketAddress.Inet target) {
    SocketAddress.Inet own = local;
    boolean fits = own.unmapped().family() == target.unmapped().family();
    return own.isAny() || !fits ? InetNames.localFor(target, domain()).withPort(own.port()) : own;
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
      byte[] data, SocketAddress.Inet group, Ancillary.@Nullable Packet wanted) {
    SocketAddress.Inet from = source(group);
    network.count(false, data.length);
    count(NetCounter.UDP_OUT);
    if (!network.groups().isTaken(group.host())) {
      return data.length;
    }
    for (Bound each : ports.all()) {
      if (each instanceof UdpSocket receiver && receiver.hears(group, from)) {
        if (receiver.take(data, from, group, header(group, wanted, receiver)) >= 0) {
          count(NetCounter.UDP_IN);
          receiver.waitQueue().wake(Events.READABLE);
        }
      }
    }
    return data.length;
  }

  /** Queues a datagram, or what a filter leaves of it; the filter sees it from its header on. */
  private long take(
      byte[] data, SocketAddress.Inet from, SocketAddress.Inet to, Ancillary headers) {
    SocketFilter filter = options().filter();
    int length = data.length;
    if (filter == null) {
      return queue.send(new ArrayBuffer(data), from.as(domain()), headers);
    }
    byte[] packet = new byte[UDP_HEADER + length];
    ByteBuffer.wrap(packet)
        .putShort((short) from.port())
        .putShort((short) to.port())
        .putShort((short) packet.length);
    System.arraycopy(data, 0, packet, UDP_HEADER, length);
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
        && !refuses(from)
        && (memberships.contains(group.host()) || inetOptions.hearsAllGroups());
  }

  /** UDP-Lite is not counted with UDP. */
  private void count(NetCounter counter) {
    if (ports == network.udp()) {
      network.count(counter, 1);
    }
  }

  /** Nobody has the port: ICMP says so, to a sender who is connected or wants to hear of it. */
  private long unreachable(byte[] data, SocketAddress.Inet target, boolean six) {
    count(six ? NetCounter.UDP6_NO_PORTS : NetCounter.UDP_NO_PORTS);
    network.count(six ? NetCounter.ICMP6_UNREACHABLE : NetCounter.ICMP_UNREACHABLE, 1);
    boolean tells =
        six
            ? inetOptions.number(InetOptions.IPPROTO_IPV6, IPV6_RECVERR) != 0
            : inetOptions.number(InetOptions.IPPROTO_IP, IP_RECVERR) != 0;
    if (tells) {
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
    return data.length;
  }

  @Override
  public boolean refuses(SocketAddress.Inet from) {
    SocketAddress.Inet peer = remote;
    return peer != null && !peer.equals(from);
  }

  @Override
  public boolean hearsOnly(SocketAddress.Inet from) {
    SocketAddress.Inet peer = remote;
    return peer != null && peer.equals(from);
  }

  @Override
  protected void setLevelOption(int level, int option, byte[] value) throws ErrnoException {
    if (Memberships.isOption(level, option)) {
      memberships.change(option, value);
      return;
    }
    inetOptions.set(level, option, value, ownsPort);
    if (inetOptions.isTransport(level)
        && option == UdpOptions.UDP_CORK
        && !inetOptions.hasTransport(option)) {
      flush();
    }
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
