package dev.skerry.sentry.futex;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.usermem.UserMemory;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Futexes whose word holds the owner's thread id, which the kernel hands from owner to waiter
 * (FUTEX_LOCK_PI). Priorities have no effect here, so the owner inherits none: waiters get their
 * turn in the order of their coming. Linux: kernel/futex/pi.c.
 */
public final class PiFutexes {
  static final int WAITERS = 0x8000_0000;
  static final int OWNER_DIED = 0x4000_0000;
  static final int TID_MASK = 0x3fff_ffff;

  private final FutexTable table;

  /** Everybody who waits, for the end of owners. */
  private final Set<FutexWait> all = ConcurrentHashMap.newKeySet();

  public PiFutexes(FutexTable table) {
    this.table = table;
  }

  /**
   * Takes the futex, or waits for it (FUTEX_LOCK_PI, FUTEX_TRYLOCK_PI).
   *
   * @param address where the task sees the futex
   * @param waits whether to wait
   */
  public long lock(
      Task task, FutexTable.Key key, long address, boolean waits, FutexTable.Deadline deadline) {
    UserMemory memory = task.memory();
    FutexTable.Bucket bucket = table.bucket(key.space(), key.address());
    FutexWait wait;
    synchronized (bucket) {
      while (true) {
        long value = memory.loadInt(address);
        if (value < 0) {
          return value;
        }
        int word = (int) value;
        int owner = word & TID_MASK;
        if (owner == number(task)) {
          return -Errno.EDEADLK;
        }
        FutexWait first = bucket.first(key);
        if (first != null && !first.inherits) {
          return -Errno.EINVAL;
        }
        int update =
            owner == 0
                ? word & OWNER_DIED | number(task) | (first == null ? 0 : WAITERS)
                : word | WAITERS;
        if (owner != 0 && !waits) {
          return -Errno.EAGAIN;
        }
        if (owner != 0 && first == null && task.pidNamespace().find(owner) == null) {
          return -Errno.ESRCH;
        }
        long seen = update == word ? value : memory.compareAndSwapInt(address, word, update);
        if (seen < 0) {
          return seen;
        }
        if (seen == value && owner == 0) {
          return 0;
        }
        if (seen == value) {
          break;
        }
      }
      wait = new FutexWait(table, task, key.space(), key.address(), this, address);
      bucket.add(wait);
      all.add(wait);
    }
    if (deadline.isSet()) {
      wait.until(deadline.nanos());
    }
    return wait.park();
  }

  /** Hands the futex to the first who waits, or lets it go (FUTEX_UNLOCK_PI). */
  public long unlock(Task task, FutexTable.Key key, long address) {
    UserMemory memory = task.memory();
    FutexTable.Bucket bucket = table.bucket(key.space(), key.address());
    synchronized (bucket) {
      while (true) {
        long value = memory.loadInt(address);
        if (value < 0) {
          return value;
        }
        if (((int) value & TID_MASK) != number(task)) {
          return -Errno.EPERM;
        }
        FutexWait next = bucket.first(key);
        if (next != null && !next.inherits) {
          return -Errno.EINVAL;
        }
        int update = next == null ? 0 : WAITERS | number(next.waiter());
        long seen = memory.compareAndSwapInt(address, (int) value, update);
        if (seen < 0) {
          return seen;
        }
        if (seen == value) {
          wake(bucket, next);
          return 0;
        }
      }
    }
  }

  /** The thread id as the thread itself knows it. */
  private static int number(Task task) {
    return task.pidNamespace().number(task);
  }

  private void wake(FutexTable.Bucket bucket, @Nullable FutexWait next) {
    if (next != null) {
      all.remove(next);
      bucket.remove(next);
      next.wakeUp();
    }
  }

  void forget(FutexWait wait) {
    all.remove(wait);
  }

  /** A thread ends: what it owned and others wait for goes to the first of those. */
  void ownerEnds(Task owner) {
    for (FutexWait wait : all) {
      FutexTable.Bucket bucket = wait.bucket;
      if (bucket == null) {
        continue;
      }
      synchronized (bucket) {
        FutexTable.Key key = new FutexTable.Key(wait.space, wait.address);
        FutexWait next = wait.bucket == bucket ? bucket.first(key) : null;
        if (next != null && handOver(owner, next)) {
          wake(bucket, next);
        }
      }
    }
  }

  private static boolean handOver(Task owner, FutexWait next) {
    UserMemory memory = next.waiter().memory();
    while (true) {
      long value = memory.loadInt(next.seenAt);
      if (value < 0 || ((int) value & TID_MASK) != number(owner)) {
        return false;
      }
      int update = WAITERS | OWNER_DIED | number(next.waiter());
      long seen = memory.compareAndSwapInt(next.seenAt, (int) value, update);
      if (seen == value || seen < 0) {
        return seen >= 0;
      }
    }
  }
}
