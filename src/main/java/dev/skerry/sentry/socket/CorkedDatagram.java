package dev.skerry.sentry.socket;

import dev.skerry.abi.Errno;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A datagram that is put together piece by piece before it is sent (MSG_MORE, UDP_CORK). Its
 * monitor guards all. Linux: the write queue of a struct sock while udp_sock.pending is set.
 */
public final class CorkedDatagram {
  private static final byte[] NOTHING = {};

  /**
   * A whole datagram.
   *
   * @param with what its first piece was sent with
   */
  public record Whole(byte[] data, SocketAddress.Inet to, Ancillary.@Nullable Packet with) {}

  private byte[] data = NOTHING;
  private SocketAddress.@Nullable Inet to;
  private Ancillary.@Nullable Packet with;

  /** Where it goes to; null if nothing was begun. */
  public synchronized SocketAddress.@Nullable Inet target() {
    return to;
  }

  /** Changes where it goes to, if one was begun. */
  public synchronized void redirect(SocketAddress.Inet target) {
    if (to != null) {
      to = target;
    }
  }

  /**
   * Adds a piece, or begins with it. On failure nothing is left.
   *
   * @param target counts for the first piece only
   * @return zero, -EMSGSIZE for more than {@code most} bytes in all, or -ENOBUFS
   */
  public synchronized long add(
      byte[] piece, SocketAddress.Inet target, Ancillary.@Nullable Packet packet, int most) {
    boolean fits = data.length + piece.length <= most;
    if (!fits || !SocketSpace.take(piece.length)) {
      drop();
      return fits ? -Errno.ENOBUFS : -Errno.EMSGSIZE;
    }
    if (to == null) {
      to = target;
      with = packet;
    }
    int before = data.length;
    data = Arrays.copyOf(data, before + piece.length);
    System.arraycopy(piece, 0, data, before, piece.length);
    return 0;
  }

  /** Takes the whole; null if nothing was begun. */
  public synchronized @Nullable Whole take() {
    SocketAddress.Inet target = to;
    if (target == null) {
      return null;
    }
    Whole whole = new Whole(data, target, with);
    drop();
    return whole;
  }

  /** Forgets what was begun. */
  public synchronized void drop() {
    SocketSpace.give(data.length);
    data = NOTHING;
    to = null;
    with = null;
  }
}
