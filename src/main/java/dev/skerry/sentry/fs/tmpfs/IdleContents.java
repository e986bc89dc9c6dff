package dev.skerry.sentry.fs.tmpfs;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.LinkedHashSet;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the number of the sentry's descriptors of files in memory within what the host allows one
 * process: when there are many, the files that nobody has had open for the longest time are closed.
 *
 * <p>Nobody comes in with the monitor of a file held, but to say that it was opened or closed.
 */
final class IdleContents {
  /** One for the sentry, as the host's limit is. */
  static final IdleContents SHARED = new IdleContents();

  /** Half of what a process has on most hosts. */
  private static final int DEFAULT_MOST = 512;

  /** In the order in which they were left. */
  @GuardedBy("this")
  private final LinkedHashSet<Content> idle = new LinkedHashSet<>();

  @GuardedBy("this")
  private int open;

  @GuardedBy("this")
  private int most = DEFAULT_MOST;

  synchronized void limit(int descriptors) {
    most = descriptors;
  }

  synchronized void opened() {
    open++;
  }

  synchronized void closed(Content content) {
    open--;
    idle.remove(content);
  }

  synchronized void used(Content content) {
    idle.remove(content);
  }

  /** A file with an open host file was left by its last user. */
  void left(Content content) {
    synchronized (this) {
      idle.add(content);
    }
    Content oldest;
    while ((oldest = surplus()) != null) {
      oldest.closeIfIdle();
    }
  }

  private synchronized @Nullable Content surplus() {
    return open > most && !idle.isEmpty() ? idle.removeFirst() : null;
  }
}
