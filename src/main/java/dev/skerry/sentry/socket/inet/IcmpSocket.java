package dev.skerry.sentry.socket.inet;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.socket.Ancillary;
import dev.skerry.sentry.socket.SocketAddress;
import dev.skerry.sentry.socket.SocketFilter;
import dev.skerry.sentry.socket.SocketOptions;
import dev.skerry.sentry.usermem.ArrayBuffer;
import dev.skerry.sentry.usermem.IoBuffer;
import dev.skerry.sentry.waiter.Events;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A socket for ICMP or ICMPv6: a raw one, which sees every packet of its protocol, or a datagram
 * one for echo requests, which sees the replies to its own (raw(7), icmp(7)); the port of its
 * address is the identifier of its requests. Linux: net/ipv4/raw.c and ping.c.
 */
public final class IcmpSocket extends PacketSocket {
  public static final int IPPROTO_ICMP = 1;
  public static final int IPPROTO_ICMPV6 = 58;

  private static final int HEADER = 8;
  private static final int CHECKSUM_AT = 2;

  private final boolean six;
  private final boolean raw;
  private final IcmpOptions icmp;

  /**
   * @param type SOCK_RAW or SOCK_DGRAM
   */
  public IcmpSocket(int domain, int type, NetworkNamespace network, Maker maker) {
    this(
        domain,
        type,
        network,
        maker,
        new IcmpOptions(domain == SocketAddress.AF_INET6, type == SOCK_RAW));
    network.icmp().add(this);
  }

  private IcmpSocket(
      int domain, int type, NetworkNamespace network, Maker maker, IcmpOptions icmp) {
    super(domain, type, protocolOf(domain), maker, network, new InetOptions(domain, icmp));
    this.six = domain == SocketAddress.AF_INET6;
    this.raw = type == SOCK_RAW;
    this.icmp = icmp;
    if (raw) {
      local = local.withPort(protocol());
    }
  }

  /** The one protocol that a family has such sockets for. */
  public static int protocolOf(int domain) {
    return domain == SocketAddress.AF_INET6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
  }

  @Override
  protected void release() {
    network.icmp().remove(this);
    super.release();
  }

  @Override
  public long bind(SocketAddress address) {
    long wrong = InetNames.checkLocal(address, domain(), six);
    if (wrong != 0) {
      return wrong;
    }
    SocketAddress.Inet wanted = (SocketAddress.Inet) address;
    if (raw) {
      local = wanted.withPort(protocol());
      return 0;
    }
    return takeIdentifier(wanted);
  }

  /** Gives a datagram socket its identifier, which others may have, too; a free one for port 0. */
  private long takeIdentifier(SocketAddress.Inet wanted) {
    synchronized (network.icmp()) {
      if (local.port() != 0) {
        return -Errno.EINVAL;
      }
      int identifier = wanted.port();
      local = wanted.withPort(identifier != 0 ? identifier : network.icmp().free(six));
      network.icmp().putFirst(this);
      return local.port() == 0 ? -Errno.EADDRINUSE : 0;
    }
  }

  /** Whether it is a datagram socket of the family with this identifier. */
  boolean hasIdentifier(boolean family6, int identifier) {
    return !raw && six == family6 && local.port() == identifier;
  }

  @Override
  public long connect(SocketAddress address) {
    if (address instanceof SocketAddress.Unspecified) {
      remote = null;
      return 0;
    }
    try {
      remote = InetNames.checkRemote(address, domain(), six, network);
    } catch (ErrnoException e) {
      return e.result();
    }
    SocketAddress.Inet peer = remote;
    if (local.isAny() && peer != null) {
      local = InetNames.localFor(peer, domain()).withPort(local.port());
    }
    return 0;
  }

  @Override
  public SocketAddress peerAddress() throws ErrnoException {
    SocketAddress.Inet peer = remote;
    if (peer == null) {
      throw ErrnoException.of(Errno.ENOTCONN);
    }
    return peer;
  }

  @Override
  public long send(IoBuffer source, @Nullable SocketAddress to, Ancillary ancillary, int flags) {
    if ((flags & MSG_OOB) != 0) {
      return -Errno.EOPNOTSUPP;
    }
    long length = source.remaining();
    if (length > MOST_PAYLOAD) {
      return -Errno.EMSGSIZE;
    }
    if (writeShut && !raw) {
      return -Errno.EPIPE;
    }
    SocketAddress.Inet target = remote;
    if (to != null) {
      try {
        target = InetNames.checkRemote(to, domain(), six, network);
      } catch (ErrnoException e) {
        return e.result();
      }
    }
    if (!raw && length < HEADER) {
      return -Errno.EINVAL;
    }
    byte[] packet = new byte[(int) length];
    if (length > 0 && source.get(packet, 0, packet.length) != packet.length) {
      return -Errno.EFAULT;
    }
    if (!raw && !isRequest(packet)) {
      return -Errno.EINVAL;
    }
    if (target == null) {
      return -Errno.EDESTADDRREQ;
    }
    SocketAddress.Inet from =
        local.isAny() ? InetNames.localFor(target, domain()).withPort(local.port()) : local;
    if (!raw) {
      long wrong = prepare(packet);
      if (wrong != 0) {
        return wrong;
      }
    }
    if (six && raw && length <= CHECKSUM_AT + 1) {
      return -Errno.EINVAL;
    }
    if (six) {
      // Of ICMPv6 the kernel makes the checksum, whatever kind of socket it is.
      IcmpPackets.sign(packet, true, from, target);
    }
    int level = six ? InetOptions.IPPROTO_IPV6 : InetOptions.IPPROTO_IP;
    int hops = inetOptions.hops(level);
    network.icmp().transmit(packet, from, target, hops, inetOptions.service(level));
    return length;
  }

  private boolean isRequest(byte[] packet) {
    return packet[0] == (byte) (six ? IcmpPackets.ECHO6 : IcmpPackets.ECHO) && packet[1] == 0;
  }

  /** Only echo requests leave a datagram socket, with its own identifier. */
  private long prepare(byte[] packet) {
    if (local.port() == 0) {
      long taken = takeIdentifier(local);
      if (taken < 0) {
        return taken;
      }
    }
    packet[4] = (byte) (local.port() >> 8);
    packet[5] = (byte) local.port();
    if (!six) {
      IcmpPackets.sign(packet, false, local, local);
    }
    return 0;
  }

  boolean isRaw() {
    return raw;
  }

  /** A packet has come in: takes it if it is for this socket, and returns whether it is. */
  boolean arrive(
      byte[] packet, SocketAddress.Inet from, SocketAddress.Inet to, int hops, int service) {
    SocketAddress.Inet peer = remote;
    boolean wanted =
        from.family() == domain()
            && (local.isAny() || local.sameHost(to))
            && (peer == null || peer.sameHost(from))
            && packet.length > 0;
    if (!wanted || !(raw ? !icmp.drops(packet[0] & 0xff) : isOwnReply(packet))) {
      return false;
    }
    byte[] seen = raw && !six ? whole(packet, from, to, hops, service) : packet;
    Task task = options().timestamps() == 0 ? null : Task.current();
    long time = task == null ? 0 : task.kernel().clock().realtime();
    Ancillary headers =
        new Ancillary(List.of(), null, new Ancillary.Packet(to, hops, service, time));
    SocketFilter filter = options().filter();
    int kept = filter == null ? seen.length : filter.run(seen);
    int length = Integer.compareUnsigned(kept, seen.length) > 0 ? seen.length : kept;
    if (length > 0
        && queue.send(new ArrayBuffer(seen, 0, length), from.withPort(0), headers) >= 0) {
      waitQueue().wake(Events.READABLE);
    }
    return true;
  }

  /** A raw socket of IPv4 sees the header, too. */
  private static byte[] whole(
      byte[] packet, SocketAddress.Inet from, SocketAddress.Inet to, int hops, int service) {
    return new IpPacket(IPPROTO_ICMP, packet, from, to, hops, service, null).whole();
  }

  private boolean isOwnReply(byte[] packet) {
    int reply = six ? IcmpPackets.REPLY6 : IcmpPackets.REPLY;
    return packet.length >= HEADER
        && packet[0] == (byte) reply
        && ((packet[4] & 0xff) << 8 | packet[5] & 0xff) == local.port();
  }

  private boolean isChecksum(int level, int option) {
    return raw && six && level == InetOptions.IPPROTO_IPV6 && option == RawOptions.IPV6_CHECKSUM;
  }

  @Override
  protected byte[] getLevelOption(int level, int option, int room) throws ErrnoException {
    return isChecksum(level, option)
        ? SocketOptions.ofInt(CHECKSUM_AT)
        : super.getLevelOption(level, option, room);
  }

  @Override
  protected void setLevelOption(int level, int option, byte[] value) throws ErrnoException {
    checkLevel(level);
    if (isChecksum(level, option)) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    inetOptions.set(level, option, value, false);
  }
}
