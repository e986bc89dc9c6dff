package dev.skerry.sentry.vfs;

import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.waiter.WaitQueue;
import org.jspecify.annotations.Nullable;

/**
 * Somebody opens or truncates a file that others have leases on, and waits for them. Meanwhile it
 * counts as open. Linux: __break_lease() of fs/locks.c.
 */
public final class LeaseBreak {
  private final FileLeases leases;
  private final boolean writes;
  private final FileLeases.Deadline deadline;

  /** What follows; null for nothing. */
  private @Nullable Truncation truncation;

  private record Truncation(Credentials who, VfsPath path, long length) {}

  private LeaseBreak(FileLeases leases, boolean writes, FileLeases.Deadline deadline) {
    this.leases = leases;
    this.writes = writes;
    this.deadline = deadline;
  }

  /** Asks the holders of leases; null if none is in the way. */
  static @Nullable LeaseBreak begin(Inode inode, boolean writes) {
    FileLeases leases = inode.leasesIfAny();
    FileLeases.Deadline deadline = leases == null ? null : leases.breakFor(writes);
    return leases == null || deadline == null ? null : new LeaseBreak(leases, writes, deadline);
  }

  /**
   * As {@link #begin}, for truncate(2). The file counts as open for writing until {@link
   * #endTruncation}.
   */
  public static @Nullable LeaseBreak ofTruncation(Credentials who, VfsPath path, long length) {
    Inode inode = path.inode();
    inode.writerOpened();
    LeaseBreak begun = begin(inode, true);
    if (begun == null) {
      inode.writerClosed();
    } else {
      begun.thenTruncate(who, path, length);
    }
    return begun;
  }

  void thenTruncate(Credentials who, VfsPath path, long length) {
    truncation = new Truncation(who, path, length);
  }

  public boolean isOver() {
    return !leases.isInWay(writes);
  }

  /** Tells when {@link #isOver} may have changed. */
  public WaitQueue queue() {
    return leases.queue();
  }

  /** Whether it may last for ever. */
  public boolean isEndless() {
    return deadline.never();
  }

  /** When it is over at the latest, in the time of {@link System#nanoTime}. */
  public long end() {
    return deadline.nanos();
  }

  /** Does what was put off. */
  public void finish() throws ErrnoException {
    Truncation next = truncation;
    if (next != null) {
      AttributeRules.truncate(next.who, next.path, next.length);
    }
  }

  public void endTruncation() {
    Truncation next = truncation;
    if (next != null) {
      next.path.inode().writerClosed();
    }
  }
}
