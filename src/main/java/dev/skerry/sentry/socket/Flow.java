package dev.skerry.sentry.socket;

import dev.skerry.sentry.usermem.IoBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One direction of a connection. Guarded by the connection. */
public interface Flow {
  /** A stream of bytes, with ancillary data. */
  static Flow ofBytes() {
    return new ByteFlow(false);
  }

  /** A stream of bytes as of TCP. */
  static Flow ofPlainBytes() {
    return new ByteFlow(true);
  }

  /** Messages with boundaries, at most so many at a time. */
  static Flow ofMessages(int most) {
    return new MessageQueue(most);
  }

  /**
   * Adds data.
   *
   * @return the bytes taken, -EAGAIN if there is no room, -EMSGSIZE, -EFAULT; the ancillary data
   *     are taken over if the result is not negative
   */
  long send(IoBuffer source, @Nullable SocketAddress from, Ancillary ancillary);

  /**
   * Takes data out.
   *
   * @return the bytes moved, -EAGAIN if there is nothing, -EFAULT
   */
  long receive(IoBuffer target, int flags, Received received);

  boolean isEmpty();

  /** How many bytes fit. */
  int room();

  /** Whether a writer should be told to go on. */
  boolean hasRoom();

  /** Bytes for FIONREAD. */
  int available();

  /** Bytes not read yet (SIOCOUTQ). */
  int queued();

  /** Forgets everything; the files that were on their way are the caller's to drop. */
  List<Ancillary> clear();

  void setCapacity(int bytes);
}
