package dev.skerry.sentry.socket;

import dev.skerry.sentry.vfs.OpenFileDescription;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What goes along with a message (cmsg(3)).
 *
 * @param files of SCM_RIGHTS, each with a reference that whoever takes them out, or {@link #drop}s
 *     them, owns
 * @param sender of SCM_CREDENTIALS; null where nobody asked
 * @param packet what the headers of a datagram over IP say; null elsewhere
 */
public record Ancillary(
    List<OpenFileDescription> files, @Nullable Sender sender, @Nullable Packet packet) {
  /** The most files in one message (SCM_MAX_FD). */
  public static final int MOST_FILES = 253;

  /** What the present thread is to drop yet; null while it drops nothing. */
  private static final ThreadLocal<@Nullable ArrayDeque<Ancillary>> DROPPED = new ThreadLocal<>();

  public static final Ancillary NONE = new Ancillary(List.of(), null);

  public Ancillary(List<OpenFileDescription> files, @Nullable Sender sender) {
    this(files, sender, null);
  }

  /** struct ucred. */
  public record Sender(int pid, int uid, int gid) {}

  /**
   * A datagram's headers, or what a sender wants in them.
   *
   * @param to where it was sent; null before
   * @param hops time to live or hop limit, or UNSAID
   * @param service type of service or traffic class, or UNSAID
   * @param time of its arrival in nanoseconds since the epoch, or 0
   */
  public record Packet(SocketAddress.@Nullable Inet to, int hops, int service, long time) {
    /** Stands for what the socket's options say. */
    public static final int UNSAID = -1;
  }

  public boolean isEmpty() {
    return files.isEmpty() && sender == null;
  }

  /** The same with references of its own, for a message that is only looked at. */
  Ancillary copy() {
    files.forEach(OpenFileDescription::acquire);
    return this;
  }

  /**
   * Gives the files' references back. Called without locks. A file may be a socket with messages in
   * it that have files, and so on without end: those are dropped when the present one has been.
   */
  public void drop() {
    if (files.isEmpty()) {
      return;
    }
    ArrayDeque<Ancillary> waiting = DROPPED.get();
    if (waiting != null) {
      waiting.add(this);
      return;
    }
    waiting = new ArrayDeque<>(2);
    DROPPED.set(waiting);
    try {
      for (Ancillary next = this; next != null; next = waiting.poll()) {
        next.files.forEach(OpenFileDescription::drop);
      }
    } finally {
      DROPPED.remove();
    }
  }
}
