package dev.skerry.sentry.vfs;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.skerry.abi.Errno;
import dev.skerry.sentry.slab.Slab;
import dev.skerry.sentry.waiter.Events;
import dev.skerry.sentry.waiter.WaitQueue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The advisory locks on one file: record locks (fcntl(2)), whose owner is a descriptor table, or an
 * open file description for those of F_OFD_SETLK; and locks of flock(2). Its monitor guards them.
 * Linux: fs/locks.c.
 */
public final class FileLocks {
  /** One guest cannot fill the heap with locks on a file. */
  private static final int MOST = 65_536;

  /** How long a chain of waiting owners is followed (MAX_DEADLK_ITERATIONS). */
  private static final int LONGEST_CHAIN = 10;

  /** What each waiting owner of record locks waits for; guarded by itself, a leaf. */
  private static final Map<Object, Object> WAITING = new HashMap<>();

  /**
   * A record lock.
   *
   * @param pid of the process, or -1 for a lock of an open file description
   * @param end the last byte of it
   */
  public record Lock(Object owner, int pid, boolean exclusive, long start, long end) {
    private boolean overlaps(long otherStart, long otherEnd) {
      return start <= otherEnd && otherStart <= end;
    }

    private Lock withRange(long newStart, long newEnd) {
      return new Lock(owner, pid, exclusive, newStart, newEnd);
    }
  }

  private record Whole(Object owner, boolean exclusive) {}

  private final WaitQueue queue = new WaitQueue();

  @GuardedBy("this")
  private final List<Lock> records = new ArrayList<>();

  @GuardedBy("this")
  private final List<Whole> wholes = new ArrayList<>();

  /** Tells those who wait that a lock was given up. */
  public WaitQueue queue() {
    return queue;
  }

  /** A lock of another owner that is in the way of the wanted one, or null. */
  public synchronized @Nullable Lock conflict(Lock wanted) {
    Lock first = null;
    for (Lock lock : records) {
      if (lock.owner != wanted.owner
          && (lock.exclusive || wanted.exclusive)
          && lock.overlaps(wanted.start, wanted.end)
          && (first == null || lock.start < first.start)) {
        first = lock;
      }
    }
    return first;
  }

  /** Sets a record lock in place of what its owner has there: zero, -EAGAIN or -ENOLCK. */
  public long lock(Lock wanted) {
    synchronized (this) {
      if (conflict(wanted) != null) {
        return -Errno.EAGAIN;
      }
      if (records.size() >= MOST || Slab.isFull()) {
        return -Errno.ENOLCK;
      }
      cut(wanted.owner, wanted.start, wanted.end);
      records.add(wanted);
      Slab.FILE_LOCK.charge(1);
    }
    // A shared lock may have taken the place of an exclusive one.
    queue.wake(Events.READABLE);
    return 0;
  }

  /** Gives up what the owner has locked within the range. */
  public void unlock(Object owner, long start, long end) {
    synchronized (this) {
      cut(owner, start, end);
    }
    queue.wake(Events.READABLE);
  }

  @GuardedBy("this")
  private void cut(Object owner, long start, long end) {
    int before = records.size();
    List<Lock> kept = new ArrayList<>();
    for (int i = records.size() - 1; i >= 0; i--) {
      Lock lock = records.get(i);
      if (lock.owner != owner || !lock.overlaps(start, end)) {
        continue;
      }
      records.remove(i);
      if (lock.start < start) {
        kept.add(lock.withRange(lock.start, start - 1));
      }
      if (lock.end > end) {
        kept.add(lock.withRange(end + 1, lock.end));
      }
    }
    records.addAll(kept);
    Slab.FILE_LOCK.charge(records.size() - before);
  }

  /**
   * Notes that the owner of the wanted lock waits.
   *
   * @return false if the wait would never end: EDEADLK
   */
  public boolean startWaiting(Lock wanted) {
    Lock blocker = conflict(wanted);
    if (blocker == null || blocker.pid < 0) {
      return true;
    }
    synchronized (WAITING) {
      Object at = blocker.owner;
      for (int i = 0; i < LONGEST_CHAIN && at != null; i++) {
        if (at == wanted.owner) {
          return false;
        }
        at = WAITING.get(at);
      }
      WAITING.put(wanted.owner, blocker.owner);
      return true;
    }
  }

  /** The owner of the lock waits no more. */
  public static void stopWaiting(Lock wanted) {
    synchronized (WAITING) {
      WAITING.remove(wanted.owner);
    }
  }

  /**
   * Sets the flock(2) lock of a description, in place of the one that it has: zero, -EAGAIN or
   * -ENOLCK. A lock of the other kind is lost even so (flock(2): a conversion is not atomic).
   */
  public long lockWhole(Object owner, boolean exclusive) {
    synchronized (this) {
      if (wholes.contains(new Whole(owner, exclusive))) {
        return 0;
      }
      if (wholes.removeIf(lock -> lock.owner == owner)) {
        Slab.FILE_LOCK.give(1);
        queue.wake(Events.READABLE);
      }
      for (Whole lock : wholes) {
        if (lock.owner != owner && (lock.exclusive || exclusive)) {
          return -Errno.EAGAIN;
        }
      }
      if (Slab.isFull()) {
        return -Errno.ENOLCK;
      }
      wholes.add(new Whole(owner, exclusive));
      Slab.FILE_LOCK.charge(1);
      return 0;
    }
  }

  public void unlockWhole(Object owner) {
    boolean removed;
    synchronized (this) {
      removed = wholes.removeIf(lock -> lock.owner == owner);
    }
    if (removed) {
      Slab.FILE_LOCK.give(1);
      queue.wake(Events.READABLE);
    }
  }

  /** Gives up everything that the owner holds. */
  void releaseAll(Object owner) {
    int removed;
    synchronized (this) {
      int before = records.size() + wholes.size();
      records.removeIf(lock -> lock.owner == owner);
      wholes.removeIf(lock -> lock.owner == owner);
      removed = before - records.size() - wholes.size();
    }
    if (removed > 0) {
      Slab.FILE_LOCK.give(removed);
      queue.wake(Events.READABLE);
    }
  }

  /** Whether the owner's lock of flock(2) is exclusive; null if it has none. */
  public synchronized @Nullable Boolean whole(Object owner) {
    for (Whole lock : wholes) {
      if (lock.owner == owner) {
        return lock.exclusive;
      }
    }
    return null;
  }

  /** The record locks as they are now, for /proc/locks. */
  public synchronized List<Lock> records() {
    return List.copyOf(records);
  }
}
