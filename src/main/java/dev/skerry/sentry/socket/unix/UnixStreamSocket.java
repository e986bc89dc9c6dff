package dev.skerry.sentry.socket.unix;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.socket.Ancillary;
import dev.skerry.sentry.socket.ConnectionSocket;
import dev.skerry.sentry.socket.Flow;
import dev.skerry.sentry.socket.SocketAddress;
import dev.skerry.sentry.socket.SocketFile;
import dev.skerry.sentry.socket.SocketOptions;
import dev.skerry.sentry.usermem.IoBuffer;
import dev.skerry.sentry.vfs.Inode;
import org.jspecify.annotations.Nullable;

/** SOCK_STREAM and SOCK_SEQPACKET of AF_UNIX. */
public final class UnixStreamSocket extends ConnectionSocket implements UnixSocket {
  private static final int MOST_MESSAGES = 512;

  /** What of SO_SNDBUF no message has. */
  private static final int MESSAGE_HEADER = 32;

  private final UnixName name;
  private final UnixNames.Resolver resolver;
  private volatile SocketAddress.Unix peerName = SocketAddress.Unix.UNNAMED;

  /** What SO_PEERCRED tells: on a listening socket, who called listen(2). */
  private volatile Ancillary.@Nullable Sender peerSender;

  /** On an accepted socket, who called listen(2). */
  private volatile Ancillary.@Nullable Sender listener;

  public UnixStreamSocket(int type, UnixNames names, UnixNames.Resolver resolver, Maker maker) {
    super(SocketAddress.AF_UNIX, type, 0, maker);
    this.name = new UnixName(names, this);
    this.resolver = resolver;
  }

  /** socketpair(2). */
  public static UnixStreamSocket[] pair(
      int type, UnixNames names, UnixNames.Resolver resolver, Maker maker) {
    UnixStreamSocket one = new UnixStreamSocket(type, names, resolver, maker);
    UnixStreamSocket two = new UnixStreamSocket(type, names, resolver, maker);
    joinPair(one, two);
    return new UnixStreamSocket[] {one, two};
  }

  @Override
  public Row row() {
    return new Row(type(), isListening(), isConnected(), number(), name.address());
  }

  @Override
  protected boolean isTcp() {
    return false;
  }

  @Override
  protected Flow newFlow() {
    return type() == SOCK_STREAM ? Flow.ofBytes() : Flow.ofMessages(MOST_MESSAGES);
  }

  @Override
  protected ConnectionSocket newAccepted(ConnectionSocket from) {
    UnixStreamSocket end = new UnixStreamSocket(type(), name.names(), resolver, maker());
    end.name.borrow(name.address());
    end.options().inheritRequests(options());
    end.listener = peerSender;
    return end;
  }

  @Override
  protected ConnectionSocket findListener(SocketAddress address) throws ErrnoException {
    SocketFile found = name.names().find(address, resolver);
    if (found.type() != type()) {
      // Abstract names are looked for among the sockets of the type alone.
      boolean isAbstract = ((SocketAddress.Unix) address).isAbstract();
      throw ErrnoException.of(isAbstract ? Errno.ECONNREFUSED : Errno.EPROTOTYPE);
    }
    UnixStreamSocket listener = (UnixStreamSocket) found;
    if (listener.isListening()) {
      UnixNames.checkReach(listener, listener.name.address());
    }
    return listener;
  }

  @Override
  protected long nameIfNeeded(boolean listens, @Nullable ConnectionSocket peer) {
    if (listens) {
      if (name.address().isUnnamed()) {
        return -Errno.EINVAL;
      }
      Task task = Task.current();
      peerSender = task == null ? null : senderOf(task);
    }
    if (!listens && options().isSet(SocketOptions.SO_PASSCRED)) {
      return name.bind(SocketAddress.Unix.UNNAMED);
    }
    return 0;
  }

  @Override
  protected void connectedTo(ConnectionSocket peer) {
    UnixStreamSocket other = (UnixStreamSocket) peer;
    peerName = other.name.address();
    Ancillary.Sender answering = other.listener;
    Task task = Task.current();
    Ancillary.Sender present = task == null ? other.maker().sender() : senderOf(task);
    peerSender = answering == null ? present : answering;
  }

  @Override
  protected void forgetName() {
    name.forget();
  }

  @Override
  public SocketAddress.Unix name() {
    return name.address();
  }

  @Override
  public void bindTo(SocketAddress.Unix path, Inode file) {
    name.bindTo(path, file);
  }

  @Override
  public long bind(SocketAddress address) {
    return address instanceof SocketAddress.Unix unix ? name.bind(unix) : -Errno.EINVAL;
  }

  @Override
  public SocketAddress localAddress() {
    return name.address();
  }

  @Override
  public SocketAddress peerAddress() throws ErrnoException {
    if (!isConnected()) {
      throw ErrnoException.of(Errno.ENOTCONN);
    }
    return peerName;
  }

  @Override
  public long send(IoBuffer source, @Nullable SocketAddress to, Ancillary ancillary, int flags) {
    if (to != null && type() == SOCK_STREAM) {
      return isConnected() ? -Errno.EISCONN : -Errno.EOPNOTSUPP;
    }
    boolean message = type() == SOCK_SEQPACKET;
    if (message && source.remaining() > options().sendBuffer() - MESSAGE_HEADER) {
      return -Errno.EMSGSIZE;
    }
    ConnectionSocket other = peer();
    return super.send(source, null, withSender(this, other, ancillary), flags);
  }

  /** If either side asked for credentials, every message carries some (unix(7), SO_PASSCRED). */
  static Ancillary withSender(SocketFile from, @Nullable SocketFile to, Ancillary ancillary) {
    boolean wanted =
        from.options().isSet(SocketOptions.SO_PASSCRED)
            || (to != null && to.options().isSet(SocketOptions.SO_PASSCRED));
    Task task = Task.current();
    return wanted && ancillary.sender() == null && task != null
        ? new Ancillary(ancillary.files(), senderOf(task))
        : ancillary;
  }

  @Override
  protected byte[] getSocketOption(int option, int room) throws ErrnoException {
    return option == SocketOptions.SO_PEERCRED
        ? ofSender(peerSender)
        : super.getSocketOption(option, room);
  }
}
