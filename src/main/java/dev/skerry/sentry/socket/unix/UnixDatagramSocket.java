package dev.skerry.sentry.socket.unix;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.socket.Ancillary;
import dev.skerry.sentry.socket.Loopback;
import dev.skerry.sentry.socket.MessageQueue;
import dev.skerry.sentry.socket.Received;
import dev.skerry.sentry.socket.SocketAddress;
import dev.skerry.sentry.socket.SocketFile;
import dev.skerry.sentry.socket.SocketOptions;
import dev.skerry.sentry.sysctl.Sysctl;
import dev.skerry.sentry.usermem.IoBuffer;
import dev.skerry.sentry.vfs.Inode;
import dev.skerry.sentry.waiter.Events;
import java.util.Iterator;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** SOCK_DGRAM of AF_UNIX: reliable, in order, and slow readers hold writers back. */
public final class UnixDatagramSocket extends SocketFile implements UnixSocket {
  private final UnixName name;
  private final UnixNames.Resolver resolver;

  /** What of SO_SNDBUF no message has. */
  private static final int MESSAGE_HEADER = 32;

  /** The most messages that wait, whatever their size and whoever sends them. */
  private static final int MOST_MESSAGES = 512;

  /** How many wait before those have to wait, too, that it does not send to itself. */
  private final int backlog = Loopback.settings().getInt(Sysctl.MAX_DGRAM_QLEN);

  private final MessageQueue queue = new MessageQueue(MOST_MESSAGES);
  private volatile @Nullable UnixDatagramSocket peer;

  /** Who has found this socket's queue full since it last had room. */
  private final Set<UnixDatagramSocket> blocked = ConcurrentHashMap.newKeySet();

  /** What messages from this socket that nobody has read yet count. */
  private final AtomicInteger unread = new AtomicInteger();

  private volatile boolean released;
  private volatile boolean readShut;
  private volatile boolean writeShut;

  public UnixDatagramSocket(UnixNames names, UnixNames.Resolver resolver, Maker maker) {
    super(SocketAddress.AF_UNIX, SOCK_DGRAM, 0, maker);
    this.name = new UnixName(names, this);
    this.resolver = resolver;
  }

  /** socketpair(2). */
  public static UnixDatagramSocket[] pair(
      UnixNames names, UnixNames.Resolver resolver, Maker maker) {
    UnixDatagramSocket one = new UnixDatagramSocket(names, resolver, maker);
    UnixDatagramSocket two = new UnixDatagramSocket(names, resolver, maker);
    one.peer = two;
    two.peer = one;
    return new UnixDatagramSocket[] {one, two};
  }

  @Override
  public Row row() {
    return new Row(SOCK_DGRAM, false, peer != null, number(), name.address());
  }

  @Override
  protected void release() {
    released = true;
    name.forget();
    queue.clear().forEach(Ancillary::drop);
    unblock();
    waitQueue().wake(Events.READABLE | Events.WRITABLE | Events.HUP);
    UnixDatagramSocket other = peer;
    if (other != null && other.peer == this) {
      other.waitQueue().wake(Events.WRITABLE);
    }
  }

  private UnixDatagramSocket find(SocketAddress address) throws ErrnoException {
    SocketFile found = name.names().find(address, resolver);
    if (!(found instanceof UnixDatagramSocket socket)) {
      throw ErrnoException.of(Errno.EPROTOTYPE);
    }
    UnixDatagramSocket its = socket.peer;
    if (its != null && its != this) {
      throw ErrnoException.of(Errno.EPERM);
    }
    if (socket != peer) {
      UnixNames.checkReach(socket, socket.name.address());
    }
    return socket;
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
  public long connect(SocketAddress address) {
    if (address instanceof SocketAddress.Unspecified) {
      peer = null;
      return 0;
    }
    try {
      peer = find(address);
      return 0;
    } catch (ErrnoException e) {
      return e.result();
    }
  }

  @Override
  public SocketAddress localAddress() {
    return name.address();
  }

  @Override
  public SocketAddress peerAddress() throws ErrnoException {
    UnixDatagramSocket other = peer;
    if (other == null) {
      throw ErrnoException.of(Errno.ENOTCONN);
    }
    return other.name.address();
  }

  @Override
  public long shutdown(int how) {
    if (peer == null) {
      return -Errno.ENOTCONN;
    }
    readShut |= how != SHUT_WR;
    writeShut |= how != SHUT_RD;
    waitQueue().wake(Events.READABLE | Events.WRITABLE | Events.HUP);
    return 0;
  }

  @Override
  public long send(IoBuffer source, @Nullable SocketAddress to, Ancillary ancillary, int flags) {
    if ((flags & MSG_OOB) != 0) {
      return -Errno.EOPNOTSUPP;
    }
    if (source.remaining() > options().sendBuffer() - MESSAGE_HEADER) {
      return -Errno.EMSGSIZE;
    }
    if (writeShut) {
      return -Errno.EPIPE;
    }
    long error = takeError();
    if (error != 0) {
      return error;
    }
    UnixDatagramSocket target = peer;
    if (to != null) {
      try {
        target = find(to);
      } catch (ErrnoException e) {
        return e.result();
      }
    }
    if (target == null) {
      return -Errno.ENOTCONN;
    }
    if (target.released) {
      peer = to == null ? null : peer;
      return -Errno.ECONNREFUSED;
    }
    if (target.readShut) {
      return -Errno.EPIPE;
    }
    SocketAddress from = name.address().isUnnamed() ? null : name.address();
    Ancillary complete = UnixStreamSocket.withSender(this, target, ancillary);
    long result = target.take(this, source, from, complete);
    if (result == -Errno.EAGAIN) {
      // A reader that makes room from now on tells.
      target.blocked.add(this);
      result = target.take(this, source, from, complete);
    }
    if (result >= 0) {
      target.waitQueue().wake(Events.READABLE);
    }
    return result;
  }

  private long take(
      UnixDatagramSocket sender, IoBuffer source, @Nullable SocketAddress from, Ancillary with) {
    return sender.unread.get() >= sender.options().messageCapacity() || isFullFor(sender)
        ? -Errno.EAGAIN
        : queue.send(source, from, with, sender::pay);
  }

  private void pay(int bytes) {
    unread.addAndGet(bytes);
    if (bytes < 0 && hasRoom()) {
      waitQueue().wake(Events.WRITABLE);
    }
  }

  /** Whether a quarter of what may wait does at most (unix_writable()). */
  private boolean hasRoom() {
    return 4L * unread.get() <= options().messageCapacity();
  }

  private boolean isFullFor(UnixDatagramSocket sender) {
    return peer != sender && sender != this && queue.count() > backlog;
  }

  @Override
  public long receive(IoBuffer target, int flags, Received received) {
    if ((flags & MSG_OOB) != 0) {
      return -Errno.EOPNOTSUPP;
    }
    long result = queue.receive(target, flags, received);
    if (result >= 0) {
      unblock();
      return result;
    }
    if (result == -Errno.EAGAIN) {
      long error = takeError();
      return error != 0 ? error : readShut ? 0 : result;
    }
    return result;
  }

  /** Whether the sender may write; if not, it will be told when it may. */
  private boolean hasRoomFor(UnixDatagramSocket sender) {
    if (released || !isFullFor(sender)) {
      return true;
    }
    blocked.add(sender);
    return released || !isFullFor(sender);
  }

  /** Each is forgotten before it is told: it may have to wait again at once. */
  private void unblock() {
    for (Iterator<UnixDatagramSocket> each = blocked.iterator(); each.hasNext(); ) {
      UnixDatagramSocket sender = each.next();
      each.remove();
      sender.waitQueue().wake(Events.WRITABLE);
    }
  }

  @Override
  public int poll() {
    int ready = datagramEvents(!queue.isEmpty(), readShut, writeShut);
    UnixDatagramSocket other = peer;
    if (hasRoom() && (other == null || other.hasRoomFor(this))) {
      ready |= Events.WRITABLE;
    }
    return hasError() ? ready | Events.ERR : ready;
  }

  @Override
  protected int available() {
    return queue.available();
  }

  @Override
  protected byte[] getSocketOption(int option, int room) throws ErrnoException {
    UnixDatagramSocket other = peer;
    return option == SocketOptions.SO_PEERCRED && other != null
        ? ofSender(other.maker().sender())
        : super.getSocketOption(option, room);
  }

  @Override
  protected int unsent() {
    return unread.get();
  }

  @Override
  protected void buffersChanged() {
    if (hasRoom()) {
      waitQueue().wake(Events.WRITABLE);
    }
  }
}
