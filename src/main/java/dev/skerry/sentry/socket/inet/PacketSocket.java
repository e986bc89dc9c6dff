package dev.skerry.sentry.socket.inet;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.socket.MessageQueue;
import dev.skerry.sentry.socket.Received;
import dev.skerry.sentry.socket.SocketAddress;
import dev.skerry.sentry.socket.SocketFile;
import dev.skerry.sentry.usermem.IoBuffer;
import dev.skerry.sentry.waiter.Events;
import org.jspecify.annotations.Nullable;

/**
 * What all sockets over IP that send packets, each for itself, have in common: a queue that loses
 * what does not fit, one address of their own and perhaps one of a peer.
 */
abstract class PacketSocket extends SocketFile
    implements TransportOptions.Connection, PacketReceiver {
  /** The most that a packet over IPv4 holds besides its headers, in bytes. */
  protected static final int MOST_PAYLOAD = 65507;

  private static final int MOST_MESSAGES = 4096;
  private static final int TCP_ESTABLISHED = 1;
  private static final int TCP_CLOSE = 7;

  protected final NetworkNamespace network;
  protected final InetOptions inetOptions;
  protected final MessageQueue queue;
  protected volatile SocketAddress.Inet local;
  protected volatile SocketAddress.@Nullable Inet remote;
  protected volatile boolean writeShut;
  private volatile boolean readShut;

  protected PacketSocket(
      int domain,
      int type,
      int protocol,
      Maker maker,
      NetworkNamespace network,
      InetOptions inetOptions) {
    super(domain, type, protocol, maker);
    this.network = network;
    this.inetOptions = inetOptions;
    boolean udp = protocol == InetOptions.IPPROTO_UDP || protocol == InetOptions.IPPROTO_UDPLITE;
    this.queue = MessageQueue.losing(MOST_MESSAGES, udp && type == SOCK_DGRAM);
    this.local = SocketAddress.Inet.any(domain, 0);
  }

  @Override
  protected void release() {
    queue.clear();
    errors().clear();
    options().dropFilter();
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
  public boolean hasOption(int level, int name) {
    return inetOptions.number(level, name) != 0;
  }

  @Override
  protected boolean hasFilters() {
    return true;
  }

  @Override
  public long shutdown(int how) {
    if (remote == null) {
      return -Errno.ENOTCONN;
    }
    readShut |= how != SHUT_WR;
    writeShut |= how != SHUT_RD;
    waitQueue().wake(Events.READABLE | Events.WRITABLE | Events.RDHUP | Events.HUP);
    return 0;
  }

  @Override
  public long receive(IoBuffer target, int flags, Received received) {
    if ((flags & MSG_OOB) != 0) {
      return -Errno.EOPNOTSUPP;
    }
    long error = takeError();
    if (error != 0) {
      return error;
    }
    long result = queue.receive(target, flags, received);
    // Who does not wait does not see the end either.
    boolean waits = !isNonBlocking() && (flags & MSG_DONTWAIT) == 0;
    return result == -Errno.EAGAIN && readShut && waits ? 0 : result;
  }

  @Override
  public int poll() {
    int ready = Events.WRITABLE | datagramEvents(!queue.isEmpty(), readShut, writeShut);
    return hasError() ? ready | Events.ERR : ready;
  }

  @Override
  protected int available() {
    return queue.available();
  }

  /** A raw socket of IPv6 has no options of IPv4. */
  protected final void checkLevel(int level) throws ErrnoException {
    if (level == InetOptions.IPPROTO_IP
        && type() == SOCK_RAW
        && domain() == SocketAddress.AF_INET6) {
      throw ErrnoException.of(Errno.ENOPROTOOPT);
    }
  }

  @Override
  protected byte[] getLevelOption(int level, int option, int room) throws ErrnoException {
    checkLevel(level);
    return inetOptions.get(level, option, room, this);
  }

  @Override
  protected void buffersChanged() {
    queue.setCapacity(options().receiveCapacity());
  }

  @Override
  public int mtu() {
    return network.mtu();
  }

  @Override
  public int state() {
    return isConnected() ? TCP_ESTABLISHED : TCP_CLOSE;
  }

  @Override
  public boolean isConnected() {
    return remote != null;
  }
}
