package dev.skerry.sentry.socket;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.IoSignal;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.slab.Slab;
import dev.skerry.sentry.sysctl.Sysctl;
import dev.skerry.sentry.usermem.IoBuffer;
import dev.skerry.sentry.waiter.Events;
import dev.skerry.sentry.waiter.WaitQueue;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A connection-oriented socket: new, then listening or connected. Families add names. The monitor
 * guards the state; a listening socket's is inside that of one that connects to it.
 */
public abstract class ConnectionSocket extends SocketFile {
  /** net.core.somaxconn. */
  public static final int MOST_BACKLOG = 4096;

  private enum State {
    NEW,
    LISTENING,
    /** The outcome of a connect(2) is known, but the caller has been told EINPROGRESS. */
    CONNECTING,
    /** Waits in a listening socket's line, beyond its backlog. */
    IN_LINE,
    CONNECTED,
    CLOSED
  }

  private State state = State.NEW;
  private @Nullable Connection connection;
  private int side;
  private int backlog;
  private final ArrayDeque<ConnectionSocket> accepted = new ArrayDeque<>();
  private final ArrayDeque<ConnectionSocket> line = new ArrayDeque<>();
  private volatile @Nullable WaitQueue awaited;

  /** A connect(2) of TCP that did not wait has failed: there is nothing more to read. */
  private volatile boolean refused;

  /** The peer is to see that the connection was broken off, not closed. */
  private volatile boolean resets;

  protected ConnectionSocket(int domain, int type, int protocol, Maker maker) {
    super(domain, type, protocol, maker);
  }

  /** Whether TCP's rules hold. */
  protected abstract boolean isTcp();

  /** A direction of a connection of this kind. */
  protected abstract Flow newFlow();

  /** The accepted end for a connection to this listening socket. */
  protected abstract ConnectionSocket newAccepted(ConnectionSocket from);

  /** Finds who listens at the address: ECONNREFUSED and others. Called without locks. */
  protected abstract ConnectionSocket findListener(SocketAddress address) throws ErrnoException;

  /** Gives the socket a name if it has none yet, before it connects or listens. */
  protected abstract long nameIfNeeded(boolean listens, @Nullable ConnectionSocket peer);

  /** The connection begins: takes the peer's name. */
  protected abstract void connectedTo(ConnectionSocket peer);

  /** Whether what is sent may wait for more to follow. */
  protected boolean keepsBack(int flags) {
    return false;
  }

  /** Sends what was kept back. */
  protected final void sendKept() {
    Connection joined = connection();
    if (joined != null) {
      joined.release(side);
    }
  }

  /** The other end has broken the connection off, which so many ends had not shut yet. */
  protected void brokenOff(int open) {}

  /** A connect(2) has met nobody. */
  protected void refused() {}

  /** Gives the name back. */
  protected abstract void forgetName();

  /** Where a connect(2) that got -EAGAIN waits for the listening socket. */
  public final @Nullable WaitQueue connectQueue() {
    return awaited;
  }

  private @Nullable Connection connection() {
    synchronized (this) {
      return state == State.CONNECTED || state == State.CONNECTING ? connection : null;
    }
  }

  public final synchronized boolean isConnected() {
    return connection != null && state != State.CLOSED;
  }

  protected final synchronized boolean isNew() {
    return state == State.NEW;
  }

  @Override
  protected final synchronized boolean isListening() {
    return state == State.LISTENING;
  }

  /** Joins two new sockets (socketpair(2)). */
  protected static void joinPair(ConnectionSocket one, ConnectionSocket two) {
    Connection joined = new Connection(false, one.newFlow(), two.newFlow());
    one.connected(joined, 0);
    two.connected(joined, 1);
    one.connectedTo(two);
    two.connectedTo(one);
  }

  private synchronized void connected(Connection joined, int mySide) {
    connection = joined;
    side = mySide;
    state = State.CONNECTED;
    joined.join(mySide, this);
  }

  @Override
  public long connect(SocketAddress address) {
    synchronized (this) {
      switch (state) {
        case LISTENING, CONNECTED -> {
          if (isTcp()) {
            return -Errno.EISCONN;
          }
        }
        case IN_LINE -> {
          return -Errno.EALREADY;
        }
        case CONNECTING -> {
          return settle();
        }
        case NEW, CLOSED -> {}
      }
    }
    long result = tryConnect(address);
    if (isTcp() && isNonBlocking() && (result == 0 || result == -Errno.ECONNREFUSED)) {
      synchronized (this) {
        state = State.CONNECTING;
        if (result != 0) {
          setError((int) -result);
          refused = true;
        }
      }
      waitQueue().wake(Events.WRITABLE);
      return -Errno.EINPROGRESS;
    }
    return result;
  }

  /** Tells the outcome of a connect that was in progress. */
  private long settle() {
    refused = false;
    long error = takeError();
    state = connection == null ? State.NEW : State.CONNECTED;
    return error == 0 && connection == null ? -Errno.ECONNABORTED : error;
  }

  private long tryConnect(SocketAddress address) {
    ConnectionSocket listener;
    try {
      listener = findListener(address);
    } catch (ErrnoException e) {
      if (e.errno() == Errno.ECONNREFUSED) {
        refused();
      }
      return e.result();
    }
    if (!isTcp() && !isNew()) {
      return refusal(listener);
    }
    long named = nameIfNeeded(false, listener);
    if (named < 0) {
      return named;
    }
    synchronized (this) {
      if (state != State.NEW) {
        return -Errno.EISCONN;
      }
      return listener.offer(this);
    }
  }

  /** AF_UNIX looks at the listener before it looks at the socket that cannot connect. */
  private long refusal(ConnectionSocket listener) {
    synchronized (listener) {
      if (listener.state != State.LISTENING) {
        return -Errno.ECONNREFUSED;
      }
      if (isNonBlocking() && listener.accepted.size() > listener.backlog) {
        return -Errno.EAGAIN;
      }
    }
    return isListening() ? -Errno.EINVAL : -Errno.EISCONN;
  }

  /** Takes a connecting socket, whose monitor is held, into the queue. */
  private long offer(ConnectionSocket from) {
    synchronized (this) {
      if (state != State.LISTENING) {
        return -Errno.ECONNREFUSED;
      }
      if (accepted.size() > backlog) {
        if (!isTcp()) {
          from.awaited = waitQueue();
          return -Errno.EAGAIN;
        }
        if (line.size() >= MOST_BACKLOG) {
          line.removeIf(waiting -> waiting.state == State.CLOSED);
        }
        if (line.size() >= MOST_BACKLOG) {
          return -Errno.ECONNREFUSED;
        }
        line.add(from);
        from.state = State.IN_LINE;
        return -Errno.EINPROGRESS;
      }
      if (Slab.isFull()) {
        return -Errno.ENOMEM;
      }
      establish(from);
    }
    waitQueue().wake(Events.READABLE);
    return 0;
  }

  /** Guarded by both. */
  private void establish(ConnectionSocket from) {
    Connection joined = new Connection(isTcp(), from.newFlow(), newFlow());
    ConnectionSocket end = newAccepted(from);
    end.connected(joined, 1);
    end.connectedTo(from);
    from.connected(joined, 0);
    from.connectedTo(end);
    accepted.add(end);
  }

  @Override
  public long listen(int wanted) {
    long named = nameIfNeeded(true, null);
    if (named < 0) {
      return named;
    }
    synchronized (this) {
      if (state != State.NEW && state != State.LISTENING) {
        return -Errno.EINVAL;
      }
      state = State.LISTENING;
      int most = Loopback.settings().getInt(Sysctl.SOMAXCONN);
      backlog = wanted < 0 ? most : Math.min(wanted, most);
      return 0;
    }
  }

  @Override
  public @Nullable SocketFile accept(Maker by) throws ErrnoException {
    ConnectionSocket next;
    ConnectionSocket follower;
    synchronized (this) {
      if (state != State.LISTENING) {
        throw ErrnoException.of(Errno.EINVAL);
      }
      next = accepted.poll();
      follower = next == null ? null : line.poll();
    }
    while (follower != null && !promote(follower)) {
      synchronized (this) {
        follower = line.poll();
      }
    }
    if (next != null) {
      waitQueue().wake(Events.WRITABLE);
    }
    return next;
  }

  /** There is room for one that waits in line; false if it does not wait any more. */
  private boolean promote(ConnectionSocket from) {
    synchronized (from) {
      if (from.state != State.IN_LINE) {
        return false;
      }
      from.state = State.NEW;
      if (offer(from) == 0 && from.isNonBlocking()) {
        from.state = State.CONNECTING;
      }
    }
    from.waitQueue().wake(Events.WRITABLE);
    return true;
  }

  @Override
  public long shutdown(int how) {
    Connection joined;
    List<ConnectionSocket> dropped = List.of();
    boolean listened;
    boolean waited;
    synchronized (this) {
      listened = state == State.LISTENING;
      waited = state == State.IN_LINE;
      if (waited) {
        state = State.NEW;
      }
      if (listened) {
        if (how == SHUT_WR) {
          return 0;
        }
        dropped = stopListening();
      }
      joined = connection;
    }
    if (joined == null) {
      refuse(dropped);
      waitQueue().wake(Events.READABLE | Events.HUP);
      return isTcp() && !listened && !waited ? -Errno.ENOTCONN : 0;
    }
    if (isTcp() && !joined.isAlive(side)) {
      return -Errno.ENOTCONN;
    }
    joined.shutdown(side, how);
    return 0;
  }

  /** Guarded by this. Returns whom to tell, in this order: those in line, those not accepted. */
  private List<ConnectionSocket> stopListening() {
    state = State.NEW;
    List<ConnectionSocket> all = new ArrayList<>(line);
    all.addAll(accepted);
    line.clear();
    accepted.clear();
    return all;
  }

  private static void refuse(List<ConnectionSocket> refused) {
    for (ConnectionSocket socket : refused) {
      boolean waiting;
      synchronized (socket) {
        waiting = socket.state == State.IN_LINE;
        if (waiting) {
          socket.state = State.CONNECTING;
          socket.setError(Errno.ECONNREFUSED);
        }
      }
      if (waiting) {
        socket.waitQueue().wake(Events.WRITABLE | Events.ERR);
      } else {
        // Nobody has accepted the connection: the listening socket had the only reference.
        socket.resets = true;
        socket.drop();
      }
    }
  }

  @Override
  protected void release() {
    Connection joined;
    List<ConnectionSocket> refused = List.of();
    synchronized (this) {
      if (state == State.LISTENING) {
        refused = stopListening();
      }
      state = State.CLOSED;
      joined = connection;
    }
    forgetName();
    refuse(refused);
    waitQueue().wake(Events.READABLE | Events.WRITABLE | Events.HUP);
    if (joined != null) {
      boolean reset = resets || (isTcp() && options().resetsOnClose());
      joined.close(side, reset).forEach(Ancillary::drop);
    }
  }

  @Override
  public long send(IoBuffer source, @Nullable SocketAddress to, Ancillary ancillary, int flags) {
    boolean urgent = (flags & MSG_OOB) != 0;
    if (urgent && !isTcp()) {
      return -Errno.EOPNOTSUPP;
    }
    long error = takeError();
    if (error != 0) {
      return error == -Errno.ECONNRESET && !isTcp() ? -Errno.EPIPE : error;
    }
    Connection joined = connection();
    if (joined == null) {
      return isTcp() ? -Errno.EPIPE : -Errno.ENOTCONN;
    }
    return urgent
        ? sendUrgent(joined, source, ancillary)
        : joined.send(side, source, null, ancillary, keepsBack(flags));
  }

  private long sendUrgent(Connection joined, IoBuffer source, Ancillary ancillary) {
    long result = joined.sendUrgent(side, source, ancillary);
    ConnectionSocket receiver = joined.end(1 - side);
    Task task = Task.current();
    if (result > 0 && receiver != null && task != null) {
      IoSignal.urgent(task.kernel(), receiver);
    }
    return result;
  }

  @Override
  public long receive(IoBuffer target, int flags, Received received) {
    Connection joined = connection();
    if ((flags & MSG_OOB) != 0) {
      return receiveUrgent(joined, target, flags, received);
    }
    if (joined == null) {
      long error = takeError();
      if (error != 0 || isTcp() && refused) {
        return error;
      }
      return !isTcp() && type() == SOCK_STREAM ? -Errno.EINVAL : -Errno.ENOTCONN;
    }
    return isTcp() && target.remaining() == 0 ? 0 : joined.receive(side, target, flags, received);
  }

  private long receiveUrgent(
      @Nullable Connection joined, IoBuffer target, int flags, Received received) {
    if (!isTcp()) {
      return -Errno.EOPNOTSUPP;
    }
    if (joined == null) {
      return isListening() ? -Errno.ENOTCONN : -Errno.EINVAL;
    }
    return joined.receiveUrgent(side, target, flags, received);
  }

  @Override
  public int poll() {
    Connection joined;
    int ready;
    synchronized (this) {
      joined = connection;
      ready =
          switch (state) {
            case LISTENING -> accepted.isEmpty() ? 0 : Events.READABLE;
            case IN_LINE -> 0;
            case NEW -> Events.WRITABLE | Events.HUP;
            case CONNECTING ->
                joined == null ? Events.READABLE | Events.WRITABLE | Events.RDHUP | Events.HUP : 0;
            case CONNECTED, CLOSED -> 0;
          };
    }
    if (joined != null) {
      ready |= joined.poll(side);
    }
    return hasError() ? ready | Events.ERR | Events.READABLE : ready;
  }

  @Override
  protected final int available() {
    Connection joined = connection();
    return joined == null ? 0 : joined.available(side);
  }

  @Override
  protected final boolean isAtMark() {
    Connection joined = connection();
    return joined != null && joined.isAtMark(side);
  }

  @Override
  protected final int unsent() {
    Connection joined = connection();
    return joined == null ? 0 : joined.unsent(side);
  }

  /** The other end's socket; null once it is gone. */
  protected final @Nullable ConnectionSocket peer() {
    Connection joined = connection();
    return joined == null ? null : joined.end(1 - side);
  }

  /**
   * 0 without a connection or when both sides are shut; 1; 2 when this side is shut; 3 the other.
   */
  protected final int progress() {
    Connection joined = connection();
    return joined == null ? 0 : joined.progress(side);
  }

  /** Whether getpeername(2) has an answer. */
  protected final boolean hasPeer() {
    Connection joined = connection();
    return joined != null && (!isTcp() || joined.isAlive(side));
  }

  @Override
  protected void buffersChanged() {
    Connection joined = connection();
    if (joined != null) {
      joined.resize();
    }
  }
}
