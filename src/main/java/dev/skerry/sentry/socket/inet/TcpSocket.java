package dev.skerry.sentry.socket.inet;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.socket.Ancillary;
import dev.skerry.sentry.socket.ConnectionSocket;
import dev.skerry.sentry.socket.Flow;
import dev.skerry.sentry.socket.SocketAddress;
import dev.skerry.sentry.socket.SocketFile;
import dev.skerry.sentry.socket.SocketOptions;
import dev.skerry.sentry.usermem.IoBuffer;
import org.jspecify.annotations.Nullable;

/** SOCK_STREAM of AF_INET and AF_INET6 (tcp(7)). */
public final class TcpSocket extends ConnectionSocket
    implements Bound, TransportOptions.Connection {
  private static final int TCP_ESTABLISHED = 1;
  private static final int TCP_CLOSE = 7;
  private static final int TCP_LISTEN = 10;

  /** By {@link #progress}: established, the own side shut (FIN_WAIT2), the peer's (CLOSE_WAIT). */
  private static final int[] STATES = {TCP_CLOSE, TCP_ESTABLISHED, 5, 8};

  private final NetworkNamespace network;
  private final InetOptions inetOptions;
  private volatile SocketAddress.Inet local;
  private volatile SocketAddress.Inet remote;

  /** In the table under a port of its own; an accepted socket has its listener's. */
  private volatile boolean ownsPort;

  /** Whether bind(2) named the port. */
  private volatile boolean choseOwnPort;

  private volatile boolean shown;

  public TcpSocket(int domain, NetworkNamespace network, Maker maker) {
    super(domain, SOCK_STREAM, InetOptions.IPPROTO_TCP, maker);
    this.network = network;
    this.inetOptions = new InetOptions(domain, new TcpOptions());
    this.local = SocketAddress.Inet.any(domain, 0);
    this.remote = SocketAddress.Inet.any(domain, 0);
  }

  @Override
  protected boolean isTcp() {
    return true;
  }

  /** Bytes left to be read, for a reader that asked for them (TCP_INQ); or else -1. */
  public int toldInput() {
    return inetOptions.hasTransport(TcpOptions.TCP_INQ) ? available() : -1;
  }

  @Override
  public boolean ignoresDestinations() {
    return true;
  }

  @Override
  protected Flow newFlow() {
    return Flow.ofPlainBytes();
  }

  @Override
  protected ConnectionSocket newAccepted(ConnectionSocket from) {
    TcpSocket end = new TcpSocket(domain(), network, maker());
    end.local = ((TcpSocket) from).remote.as(domain());
    end.options().inherit(options());
    end.inetOptions.inherit(inetOptions);
    return end;
  }

  @Override
  public long connect(SocketAddress address) {
    if (address instanceof SocketAddress.Unspecified) {
      return isConnected() || isListening() ? -Errno.EOPNOTSUPP : 0;
    }
    return super.connect(address);
  }

  @Override
  protected ConnectionSocket findListener(SocketAddress address) throws ErrnoException {
    SocketAddress.Inet to = InetNames.checkRemote(address, domain(), isIpv6Only(), network);
    InetNames.checkRoute(local, to);
    remote = to;
    if (network.tcp().findListener(to) instanceof TcpSocket listener) {
      return listener;
    }
    throw ErrnoException.of(Errno.ECONNREFUSED);
  }

  @Override
  protected long nameIfNeeded(boolean listens, @Nullable ConnectionSocket peer) {
    if (!listens && (local.isAny() || local.port() == 0)) {
      SocketAddress.Inet source = InetNames.localFor(remote, domain());
      if (ownsPort) {
        // Bound to a port of any address: now the address is known.
        local = source.withPort(local.port());
        return 0;
      }
      return take(source);
    }
    if (listens && !ownsPort) {
      return take(local);
    }
    return listens && network.tcp().othersListen(this) ? -Errno.EADDRINUSE : 0;
  }

  private boolean isSix() {
    return remote.unmapped().family() == SocketAddress.AF_INET6;
  }

  private synchronized long take(SocketAddress.Inet wanted) {
    long port = network.tcp().take(this, wanted);
    if (port < 0) {
      return port;
    }
    local = wanted.withPort((int) port);
    ownsPort = true;
    return 0;
  }

  @Override
  protected void connectedTo(ConnectionSocket peer) {
    TcpSocket other = (TcpSocket) peer;
    remote = other.local.as(domain());
    options().connected();
    boolean passive = !ownsPort;
    network.count(isSix(), 0);
    network.count(passive ? NetCounter.TCP_PASSIVE_OPENS : NetCounter.TCP_ACTIVE_OPENS, 1);
    if (passive) {
      shown = true;
      network.tcp().show(this);
    }
  }

  /** A port that nobody has asked for is free again. */
  @Override
  protected synchronized void refused() {
    network.count(NetCounter.TCP_ACTIVE_OPENS, 1);
    network.count(NetCounter.TCP_ATTEMPT_FAILS, 1);
    network.count(NetCounter.TCP_RESETS_OUT, 1);
    if (ownsPort && !choseOwnPort) {
      ownsPort = false;
      network.tcp().release(this);
      local = local.withPort(0);
    }
  }

  @Override
  protected void forgetName() {
    if (ownsPort || shown) {
      ownsPort = false;
      shown = false;
      network.tcp().release(this);
    }
  }

  @Override
  public long bind(SocketAddress address) {
    long wrong = InetNames.checkLocal(address, domain(), isIpv6Only());
    if (wrong != 0) {
      return wrong;
    }
    synchronized (this) {
      if (ownsPort || !isNew()) {
        return -Errno.EINVAL;
      }
      choseOwnPort = ((SocketAddress.Inet) address).port() != 0;
      return take((SocketAddress.Inet) address);
    }
  }

  @Override
  public SocketAddress localAddress() {
    return local.as(domain());
  }

  @Override
  public SocketAddress peerAddress() throws ErrnoException {
    if (!hasPeer()) {
      throw ErrnoException.of(Errno.ENOTCONN);
    }
    return remote.as(domain());
  }

  @Override
  public long send(IoBuffer source, @Nullable SocketAddress to, Ancillary ancillary, int flags) {
    long result = super.send(source, null, ancillary, flags);
    if (result > 0) {
      sent(flags);
      network.count(isSix(), result);
      network.count(NetCounter.TCP_SEGMENTS, 1);
    }
    return result;
  }

  @Override
  protected byte[] getLevelOption(int level, int option, int room) throws ErrnoException {
    return inetOptions.get(level, option, room, this);
  }

  @Override
  protected void setLevelOption(int level, int option, byte[] value) throws ErrnoException {
    if (Memberships.isOption(level, option)) {
      throw ErrnoException.of(Errno.EPROTO);
    }
    if (level == InetOptions.IPPROTO_TCP) {
      checkClamp(option, value);
    }
    inetOptions.set(level, option, value, ownsPort);
    if (level == InetOptions.IPPROTO_TCP && pushes(option)) {
      sendKept();
    }
  }

  private void checkClamp(int option, byte[] value) throws ErrnoException {
    boolean none = option == TcpOptions.TCP_WINDOW_CLAMP && SocketOptions.toInt(value) == 0;
    if (none && state() != TCP_CLOSE) {
      throw ErrnoException.of(Errno.EINVAL);
    }
  }

  /** Whether the option, as it is now, has everything sent at once. */
  private boolean pushes(int option) {
    boolean on = inetOptions.hasTransport(option);
    return option == TcpOptions.TCP_NODELAY && on || option == TcpOptions.TCP_CORK && !on;
  }

  @Override
  protected boolean keepsBack(int flags) {
    return (flags & MSG_MORE) != 0 || inetOptions.hasTransport(TcpOptions.TCP_CORK);
  }

  @Override
  protected void brokenOff(int open) {
    network.count(NetCounter.TCP_RESETS_OUT, 1);
    network.count(NetCounter.TCP_ESTABLISHED_RESETS, open);
  }

  @Override
  public int mtu() {
    return network.mtu();
  }

  @Override
  public int state() {
    int progress = progress();
    return isListening() ? TCP_LISTEN : progress == 0 ? TCP_CLOSE : STATES[progress];
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
    return isListening();
  }

  @Override
  public SocketFile file() {
    return this;
  }

  @Override
  public Row row() {
    return new Row(
        local.as(domain()),
        remote.as(domain()),
        state(),
        unsent(),
        available(),
        ownerUid(),
        number());
  }
}
