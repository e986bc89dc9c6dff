package dev.skerry.sentry.socket;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.usermem.ArrayBuffer;
import dev.skerry.sentry.usermem.IoBuffer;
import dev.skerry.sentry.waiter.Events;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Two joined ends: side 0 is the one that connected, side 1 the one that was accepted. Its monitor
 * guards all.
 */
final class Connection {
  private static final int BOTH = 2;

  /** TCP's rules where they differ from unix(7)'s. */
  private final boolean tcp;

  private final Flow[] toward;
  private final @Nullable ConnectionSocket[] ends = new ConnectionSocket[BOTH];

  /** Names of sockets that are gone, whose data may still be there. */
  private final @Nullable SocketAddress[] lastNames = new SocketAddress[BOTH];

  /** What was sent to the side with MSG_OOB, and not read past yet. */
  private final @Nullable UrgentByte[] urgent = new UrgentByte[BOTH];

  /** What the side has sent and keeps back. */
  private final @Nullable KeptBack[] kept = new KeptBack[BOTH];

  private final boolean[] readShut = new boolean[BOTH];
  private final boolean[] writeShut = new boolean[BOTH];
  private final boolean[] closed = new boolean[BOTH];

  Connection(boolean tcp, Flow towardConnecting, Flow towardAccepted) {
    this.tcp = tcp;
    this.toward = new Flow[] {towardConnecting, towardAccepted};
  }

  synchronized void join(int side, ConnectionSocket socket) {
    ends[side] = socket;
    resize();
  }

  /** As many bytes may wait as the receiver takes, and the sender keeps. */
  synchronized void resize() {
    for (int side = 0; side < BOTH; side++) {
      ConnectionSocket receiver = ends[side];
      ConnectionSocket sender = ends[other(side)];
      if (receiver != null && sender != null) {
        boolean had = toward[side].hasRoom();
        toward[side].setCapacity(capacity(receiver.options(), sender.options()));
        if (!had && toward[side].hasRoom()) {
          wake(other(side), Events.WRITABLE);
        }
      }
    }
  }

  /** On unix(7) sockets the sender's buffer counts alone. */
  private int capacity(SocketOptions receiver, SocketOptions sender) {
    int kept = sender.sendCapacity();
    if (tcp) {
      return receiver.receiveCapacity() + kept;
    }
    return kept == 0 ? SocketOptions.DEFAULT_BUFFER : kept;
  }

  synchronized @Nullable ConnectionSocket end(int side) {
    return ends[side];
  }

  private static int other(int side) {
    return 1 - side;
  }

  private void wake(int side, int events) {
    ConnectionSocket socket = ends[side];
    if (socket != null) {
      socket.waitQueue().wake(events);
    }
  }

  /**
   * As {@link SocketFile#send}, from the side to its peer.
   *
   * @param more whether more is to follow, which this may wait for
   */
  synchronized long send(
      int side, IoBuffer source, @Nullable SocketAddress from, Ancillary ancillary, boolean more) {
    int peer = other(side);
    if (writeShut[side]) {
      return -Errno.EPIPE;
    }
    if (closed[peer]) {
      return tcp ? sendToNobody(side, source, ancillary) : -Errno.EPIPE;
    }
    if (readShut[peer] && !tcp) {
      return -Errno.EPIPE;
    }
    if (more || kept[side] != null) {
      return keep(side, source, more);
    }
    long result = toward[peer].send(source, from, ancillary);
    if (result >= 0) {
      wake(peer, Events.READABLE);
    }
    return result;
  }

  private long keep(int side, IoBuffer source, boolean more) {
    KeptBack data = kept[side];
    if (data == null) {
      data = new KeptBack(() -> release(side));
      kept[side] = data;
    }
    int room = toward[other(side)].room() - data.size();
    long moved = room <= 0 ? -Errno.EAGAIN : data.add(source, room);
    if (moved < 0 || !more || data.isFull()) {
      release(side);
    } else {
      data.await();
    }
    return moved;
  }

  /** Sends what the side has kept back. */
  synchronized void release(int side) {
    KeptBack data = kept[side];
    if (data == null) {
      return;
    }
    kept[side] = null;
    byte[] bytes = data.take();
    int peer = other(side);
    if (bytes.length > 0 && !closed[peer]) {
      toward[peer].send(new ArrayBuffer(bytes), null, Ancillary.NONE);
      wake(peer, Events.READABLE);
    }
  }

  /** As {@link #send}, with the last byte urgent. Linux: tcp_check_urg() of tcp_input.c. */
  synchronized long sendUrgent(int side, IoBuffer source, Ancillary ancillary) {
    byte[] copy = new byte[(int) Math.min(source.remaining(), SocketOptions.DEFAULT_BUFFER)];
    long length = copy.length == 0 ? 0 : source.get(copy, 0, copy.length);
    if (length < 0) {
      return length;
    }
    release(side);
    long sent = send(side, new ArrayBuffer(copy, 0, (int) length), null, ancillary, false);
    source.rewind(length - Math.max(sent, 0));
    int peer = other(side);
    if (sent > 0 && !closed[peer]) {
      UrgentByte before = urgent[peer];
      if (before != null && before.isNext() && !readsInline(peer)) {
        skip(peer);
      }
      urgent[peer] = new UrgentByte(copy[(int) sent - 1], toward[peer].queued() - 1L);
      wake(peer, Events.PRI | Events.READABLE);
    }
    return sent;
  }

  private boolean readsInline(int side) {
    ConnectionSocket socket = ends[side];
    return socket != null && socket.options().isSet(SocketOptions.SO_OOBINLINE);
  }

  /** Throws the side's next byte away. */
  private void skip(int side) {
    toward[side].receive(new ArrayBuffer(new byte[1]), 0, new Received());
  }

  /** The peer has gone after a regular close: it answers with a reset, and the next write fails. */
  private long sendToNobody(int side, IoBuffer source, Ancillary ancillary) {
    byte[] scratch = new byte[(int) Math.min(source.remaining(), SocketOptions.DEFAULT_BUFFER)];
    long length = scratch.length == 0 ? 0 : source.get(scratch, 0, scratch.length);
    if (length < 0) {
      return length;
    }
    ancillary.drop();
    writeShut[side] = true;
    readShut[side] = true;
    wake(side, Events.READABLE | Events.WRITABLE | Events.HUP | Events.ERR);
    return length;
  }

  /** As {@link SocketFile#receive}. */
  synchronized long receive(int side, IoBuffer target, int flags, Received received) {
    UrgentByte mark = urgent[side];
    if (mark == null) {
      return receivePlain(side, target, flags, received);
    }
    boolean peek = (flags & SocketFile.MSG_PEEK) != 0;
    if (mark.isNext() && !readsInline(side)) {
      if (peek) {
        return peekBehind(side, target);
      }
      skip(side);
      urgent[side] = null;
      return receivePlain(side, target, flags, received);
    }
    long limit = mark.isNext() ? target.remaining() : mark.distance();
    long result = receivePlain(side, new LimitedBuffer(target, limit), flags, received);
    if (result == mark.distance()) {
      received.stop();
    }
    if (result > 0 && !peek && mark.passed(result)) {
      urgent[side] = null;
    }
    return result;
  }

  /** The next byte is urgent: shows what follows it. */
  private long peekBehind(int side, IoBuffer target) {
    long most = Math.min(toward[side].queued(), SocketOptions.DEFAULT_BUFFER);
    byte[] all = new byte[(int) Math.min(most, target.remaining() + 1)];
    if (all.length < 2) {
      return nothing(side);
    }
    toward[side].receive(new ArrayBuffer(all), SocketFile.MSG_PEEK, new Received());
    return target.put(all, 1, all.length - 1);
  }

  /** recv(2) with MSG_OOB. */
  synchronized long receiveUrgent(int side, IoBuffer target, int flags, Received received) {
    UrgentByte mark = urgent[side];
    return mark == null || !mark.isThere() || readsInline(side)
        ? -Errno.EINVAL
        : mark.receive(target, flags, received);
  }

  private long receivePlain(int side, IoBuffer target, int flags, Received received) {
    Flow flow = toward[side];
    ConnectionSocket socket = ends[side];
    if (!flow.isEmpty()) {
      boolean hadRoom = flow.hasRoom();
      received.tellSenders(socket != null && socket.options().isSet(SocketOptions.SO_PASSCRED));
      long result = flow.receive(target, flags, received);
      received.setFrom(senderName(other(side)));
      if (!hadRoom && flow.hasRoom()) {
        wake(other(side), Events.WRITABLE);
      }
      return result;
    }
    return nothing(side);
  }

  /** There is nothing to read: an error, the end, or -EAGAIN. */
  private long nothing(int side) {
    ConnectionSocket socket = ends[side];
    long error = socket == null ? 0 : socket.takeError();
    if (error != 0) {
      return error;
    }
    return readShut[side] || writeShut[other(side)] || closed[other(side)] ? 0 : -Errno.EAGAIN;
  }

  /** The name of a unix(7) socket comes with its data, if it has one. */
  private @Nullable SocketAddress senderName(int side) {
    ConnectionSocket socket = ends[side];
    SocketAddress name = socket == null ? lastNames[side] : socket.localAddress();
    return name instanceof SocketAddress.Unix unix && !unix.isUnnamed() ? name : null;
  }

  synchronized void shutdown(int side, int how) {
    int peer = other(side);
    if (how != SocketFile.SHUT_WR) {
      readShut[side] = true;
    }
    if (how != SocketFile.SHUT_RD) {
      release(side);
      writeShut[side] = true;
    }
    wake(side, Events.READABLE | Events.WRITABLE | Events.RDHUP | Events.HUP);
    wake(peer, Events.READABLE | Events.WRITABLE | Events.RDHUP | Events.HUP);
  }

  /**
   * The side's socket is gone.
   *
   * @param abort whether the peer gets a reset although nothing is left unread
   * @return files that were on their way, for the caller to drop without locks
   */
  synchronized List<Ancillary> close(int side, boolean abort) {
    int peer = other(side);
    if (closed[side]) {
      return List.of();
    }
    release(side);
    closed[side] = true;
    ConnectionSocket socket = ends[peer];
    if (socket != null && (abort || !toward[side].isEmpty())) {
      socket.brokenOff((writeShut[side] ? 0 : 1) + (writeShut[peer] ? 0 : 1));
      socket.setError(Errno.ECONNRESET);
      readShut[peer] = true;
      writeShut[peer] = true;
    }
    List<Ancillary> dropped = new ArrayList<>(toward[side].clear());
    wake(peer, Events.READABLE | Events.WRITABLE | Events.RDHUP | Events.HUP | Events.ERR);
    ConnectionSocket own = ends[side];
    lastNames[side] = own == null ? null : own.localAddress();
    ends[side] = null;
    if (closed[peer]) {
      dropped.addAll(toward[peer].clear());
    }
    return dropped;
  }

  synchronized int poll(int side) {
    int peer = other(side);
    boolean noMoreInput = readShut[side] || writeShut[peer] || closed[peer];
    boolean noMoreOutput = writeShut[side] || (!tcp && (closed[peer] || readShut[peer]));
    int ready = 0;
    UrgentByte mark = urgent[side];
    if (mark != null && mark.isThere()) {
      ready |= Events.PRI;
    }
    if (toward[side].queued() > (isAtMark(side) && !readsInline(side) ? 1 : 0) || noMoreInput) {
      ready |= Events.READABLE;
    }
    if (noMoreInput) {
      ready |= Events.RDHUP;
    }
    if (noMoreInput && noMoreOutput) {
      ready |= Events.HUP;
    }
    if (toward[peer].hasRoom() || noMoreOutput || closed[peer]) {
      ready |= Events.WRITABLE;
    }
    return ready;
  }

  /** Whether the next byte is the urgent one (SIOCATMARK). */
  synchronized boolean isAtMark(int side) {
    UrgentByte mark = urgent[side];
    return mark != null && mark.isNext();
  }

  synchronized int available(int side) {
    UrgentByte mark = urgent[side];
    if (mark != null && !readsInline(side)) {
      return (int) mark.distance();
    }
    return toward[side].available();
  }

  synchronized int unsent(int side) {
    KeptBack data = kept[side];
    return toward[other(side)].queued() + (data == null ? 0 : data.size());
  }

  /** Whether the two ends can still talk (getpeername(2) on a TCP socket). */
  synchronized boolean isAlive(int side) {
    int peer = other(side);
    return !(writeShut[side] && (closed[peer] || writeShut[peer]));
  }

  /** As {@link ConnectionSocket#progress}. */
  synchronized int progress(int side) {
    boolean own = writeShut[side] || closed[side];
    boolean theirs = writeShut[other(side)] || closed[other(side)];
    return own ? theirs ? 0 : 2 : theirs ? 3 : 1;
  }
}
