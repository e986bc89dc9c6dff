package dev.skerry.sentry.socket;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.kernel.Timeouts;
import dev.skerry.sentry.usermem.ByteQueue;
import dev.skerry.sentry.usermem.IoBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What one side of a TCP connection has sent and keeps back, since more is to follow (MSG_MORE,
 * TCP_CORK of tcp(7)): less than a packet, and not for long. Guarded by the connection.
 */
final class KeptBack {
  /** What one packet over the loopback interface holds at most, in bytes. */
  private static final int PACKET = 65483;

  /** How long it waits for more, in nanoseconds. */
  private static final long LONGEST = 200_000_000;

  private final Runnable release;
  private final ByteQueue bytes = new ByteQueue(PACKET);
  private Timeouts.@Nullable Handle timeout;

  /**
   * @param release what happens when the time is up, without locks
   */
  KeptBack(Runnable release) {
    this.release = release;
  }

  int size() {
    return bytes.size();
  }

  boolean isFull() {
    return bytes.room() == 0;
  }

  /**
   * Takes bytes in, at most so many.
   *
   * @return how many, or -EFAULT or -ENOBUFS
   */
  long add(IoBuffer source, int most) {
    int wanted = (int) Math.min(Math.min(most, bytes.room()), source.remaining());
    if (!SocketSpace.take(wanted)) {
      return -Errno.ENOBUFS;
    }
    long moved = bytes.writeFrom(source, wanted);
    if (moved >= 0 && moved < wanted) {
      bytes.cut((int) moved);
      source.rewind(moved);
      moved = -Errno.EFAULT;
    }
    SocketSpace.give(wanted - Math.max(moved, 0));
    return moved;
  }

  /** Begins the time that it waits, if that runs not yet. */
  void await() {
    Task task = Task.current();
    if (timeout == null && task != null) {
      timeout = task.kernel().timeouts().schedule(System.nanoTime() + LONGEST, release);
    }
  }

  /** Takes everything out; nobody waits any longer. */
  byte[] take() {
    if (timeout != null) {
      timeout.cancel();
      timeout = null;
    }
    byte[] all = new byte[bytes.size()];
    bytes.peek(all, 0, all.length);
    bytes.clear();
    SocketSpace.give(all.length);
    return all;
  }
}
