package dev.skerry.sentry.socket;

import dev.skerry.sentry.usermem.IoBuffer;

/**
 * The urgent byte of one direction of a TCP connection. It stays in the stream, where readers stop
 * before it and pass over it, unless they want it with the rest (tcp(7), SO_OOBINLINE). Guarded by
 * the connection. Linux: urg_data and urg_seq of struct tcp_sock.
 */
final class UrgentByte {
  private final byte value;

  /** How many bytes that nobody has read yet come before it. */
  private long distance;

  private boolean taken;

  UrgentByte(byte value, long distance) {
    this.value = value;
    this.distance = distance;
  }

  long distance() {
    return distance;
  }

  /** Whether it is the next byte of the stream (SIOCATMARK). */
  boolean isNext() {
    return distance == 0;
  }

  /** Whether it can still be read by itself. */
  boolean isThere() {
    return !taken;
  }

  /** So many bytes were read; returns whether it was among them. */
  boolean passed(long count) {
    distance -= count;
    return distance < 0;
  }

  /** Linux: tcp_recv_urg() of net/ipv4/tcp.c. */
  long receive(IoBuffer target, int flags, Received received) {
    taken = (flags & SocketFile.MSG_PEEK) == 0;
    boolean cut = target.remaining() == 0;
    int told = cut ? SocketFile.MSG_OOB | SocketFile.MSG_TRUNC : SocketFile.MSG_OOB;
    received.set(null, Ancillary.NONE, told, -1);
    if (cut || (flags & SocketFile.MSG_TRUNC) != 0) {
      return cut ? 0 : 1;
    }
    return target.put(new byte[] {value}, 0, 1);
  }
}
