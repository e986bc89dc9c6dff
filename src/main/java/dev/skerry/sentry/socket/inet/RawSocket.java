package dev.skerry.sentry.socket.inet;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.socket.Ancillary;
import dev.skerry.sentry.socket.SocketAddress;
import dev.skerry.sentry.socket.SocketFilter;
import dev.skerry.sentry.usermem.ArrayBuffer;
import dev.skerry.sentry.usermem.IoBuffer;
import dev.skerry.sentry.waiter.Events;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A socket that sends and sees all packets of a protocol over IP (raw(7)), but for ICMP, which
 * {@link IcmpSocket} knows more of. Those of TCP's own connections do not exist. The port of its
 * address is the protocol. Linux: net/ipv4/raw.c, net/ipv6/raw.c.
 */
public final class RawSocket extends PacketSocket {
  private static final int MOST_LENGTH = 0xffff;
  private static final int MOST_PROTOCOL = 255;

  private final boolean six;
  private final RawOptions raw;

  public RawSocket(int domain, int protocol, NetworkNamespace network, Maker maker) {
    this(
        domain,
        protocol,
        network,
        maker,
        new RawOptions(domain == SocketAddress.AF_INET6, protocol == RawOptions.IPPROTO_RAW));
    network.raw().add(this);
  }

  private RawSocket(
      int domain, int protocol, NetworkNamespace network, Maker maker, RawOptions raw) {
    super(domain, SOCK_RAW, protocol, maker, network, new InetOptions(domain, raw));
    this.six = domain == SocketAddress.AF_INET6;
    this.raw = raw;
    local = local.withPort(protocol);
  }

  @Override
  protected void release() {
    network.raw().remove(this);
    super.release();
  }

  boolean isSix() {
    return six;
  }

  boolean sees(boolean family6, int protocol) {
    return six == family6 && protocol == protocol() && protocol != RawOptions.IPPROTO_RAW;
  }

  @Override
  public long bind(SocketAddress address) {
    long wrong = InetNames.checkLocal(address, domain(), six);
    if (wrong == 0) {
      local = ((SocketAddress.Inet) address).withPort(protocol());
    }
    return wrong;
  }

  @Override
  public long connect(SocketAddress address) {
    if (address instanceof SocketAddress.Unspecified) {
      remote = null;
      return 0;
    }
    try {
      SocketAddress.Inet peer = destination(address);
      if (local.isAny()) {
        local = InetNames.localFor(peer, domain()).withPort(protocol());
      }
      remote = peer;
      return 0;
    } catch (ErrnoException e) {
      return e.result();
    }
  }

  private SocketAddress.Inet destination(SocketAddress address) throws ErrnoException {
    if (address.family() != domain()) {
      throw ErrnoException.of(Errno.EAFNOSUPPORT);
    }
    return InetNames.checkRemote(address, domain(), six, network);
  }

  @Override
  public long send(IoBuffer source, @Nullable SocketAddress to, Ancillary ancillary, int flags) {
    if (source.remaining() > MOST_LENGTH) {
      return -Errno.EMSGSIZE;
    }
    if ((flags & MSG_OOB) != 0) {
      return -Errno.EOPNOTSUPP;
    }
    SocketAddress.Inet target = remote;
    int protocol = protocol();
    if (to != null) {
      try {
        // The C library's struct sockaddr_in is too short for an IPv6 socket.
        if (six && to.family() == SocketAddress.AF_INET) {
          return -Errno.EINVAL;
        }
        target = destination(to);
      } catch (ErrnoException e) {
        return e.result();
      }
      if (six && target.port() != 0) {
        boolean free = protocol == RawOptions.IPPROTO_RAW && target.port() <= MOST_PROTOCOL;
        if (target.port() != protocol && !free) {
          return -Errno.EINVAL;
        }
        protocol = target.port();
      }
    }
    if (target == null) {
      return -Errno.EDESTADDRREQ;
    }
    byte[] data = new byte[(int) source.remaining()];
    if (data.length > 0 && source.get(data, 0, data.length) != data.length) {
      return -Errno.EFAULT;
    }
    SocketAddress.Inet from = local.isAny() ? InetNames.localFor(target, domain()) : local;
    return raw.hasHeaders()
        ? sendWhole(data, from)
        : sendPayload(data, protocol, from, target, ancillary.packet());
  }

  /** The sender has made the header. */
  private long sendWhole(byte[] data, SocketAddress.Inet from) {
    if (data.length > network.mtu()) {
      return -Errno.EMSGSIZE;
    }
    if (six) {
      // What no protocol takes goes nowhere.
      return data.length < IpPacket.HEADER6 ? -Errno.EINVAL : data.length;
    }
    IpPacket packet = IpPacket.ofWhole(data, from);
    if (packet == null) {
      return -Errno.EINVAL;
    }
    network.raw().transmit(packet);
    return data.length;
  }

  private long sendPayload(
      byte[] data,
      int protocol,
      SocketAddress.Inet from,
      SocketAddress.Inet target,
      Ancillary.@Nullable Packet wanted) {
    if (!six && data.length > MOST_LENGTH - IpPacket.HEADER) {
      return -Errno.EMSGSIZE;
    }
    int level = six ? InetOptions.IPPROTO_IPV6 : InetOptions.IPPROTO_IP;
    int hops = wanted == null ? Ancillary.Packet.UNSAID : wanted.hops();
    int service = wanted == null ? Ancillary.Packet.UNSAID : wanted.service();
    IpPacket packet =
        new IpPacket(
            protocol,
            data,
            from,
            target,
            hops < 0 ? inetOptions.hops(level) : hops,
            service < 0 ? inetOptions.service(level) : service,
            null);
    int at = six ? raw.checksumAt() : -1;
    if (at >= data.length - 1 && at >= 0) {
      return -Errno.EINVAL;
    }
    if (at >= 0) {
      data[at] = 0;
      data[at + 1] = 0;
      int sum = IcmpOptions.checksum(data, 0, packet.pseudo());
      int told = sum == 0 && protocol == InetOptions.IPPROTO_UDP ? 0xffff : sum;
      data[at] = (byte) (told >> 8);
      data[at + 1] = (byte) told;
    }
    network.raw().transmit(packet);
    return data.length;
  }

  /** A packet has come in: takes it if it is for this socket. */
  void arrive(IpPacket packet) {
    SocketAddress.Inet peer = remote;
    boolean wanted =
        sees(packet.isSix(), packet.protocol())
            && (local.isAny() || local.sameHost(packet.to()))
            && (peer == null || peer.sameHost(packet.from()));
    boolean wrong =
        six
            && raw.checksumAt() >= 0
            && IcmpOptions.checksum(packet.payload(), 0, packet.pseudo()) != 0;
    if (!wanted || wrong) {
      return;
    }
    byte[] seen = six ? packet.payload() : packet.whole();
    Task task = options().timestamps() == 0 ? null : Task.current();
    long time = task == null ? 0 : task.kernel().clock().realtime();
    Ancillary headers =
        new Ancillary(
            List.of(),
            null,
            new Ancillary.Packet(packet.to(), packet.hops(), packet.service(), time));
    SocketFilter filter = options().filter();
    int kept = filter == null ? seen.length : filter.run(seen);
    if (filter != null && kept == 0) {
      return;
    }
    int length = Integer.compareUnsigned(kept, seen.length) > 0 ? seen.length : kept;
    SocketAddress.Inet from = packet.from().withPort(0);
    if (queue.send(new ArrayBuffer(seen, 0, length), from, headers) >= 0) {
      waitQueue().wake(Events.READABLE);
    }
  }

  @Override
  protected byte[] getLevelOption(int level, int option, int room) throws ErrnoException {
    return raw.isOwn(level, option)
        ? raw.get(option, room, this)
        : super.getLevelOption(level, option, room);
  }

  @Override
  protected void setLevelOption(int level, int option, byte[] value) throws ErrnoException {
    checkLevel(level);
    if (raw.isOwn(level, option)) {
      raw.set(option, value);
    } else {
      inetOptions.set(level, option, value, false);
    }
  }

  Bound.Row row() {
    SocketAddress.Inet peer = remote;
    return new Bound.Row(
        local,
        peer == null ? SocketAddress.Inet.any(domain(), 0) : peer,
        state(),
        0,
        queue.queued(),
        maker().sender().uid(),
        number());
  }
}
