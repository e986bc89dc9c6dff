package dev.skerry.sentry.futex;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.usermem.UserMemory;
import java.util.List;
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

  private static final long WAITS = 0;
  private static final long TAKEN = 1;

  private final FutexTable table;

  /** Everybody who waits, for the end of owners. */
  private final Set<FutexPlace> all = ConcurrentHashMap.newKeySet();

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
    FutexTable.Bucket bucket = table.bucket(key.space(), key.address());
    OwnershipWait wait = new OwnershipWait(table, task, this, false);
    FutexPlace place = FutexPlace.forOwnership(wait, key, address);
    wait.setPlaces(place);
    synchronized (bucket) {
      long taken = take(task, bucket, key, task.memory(), address, waits, false);
      if (taken != WAITS) {
        return Math.min(taken, 0);
      }
      bucket.add(place);
      all.add(place);
    }
    return FutexTable.parked(wait, deadline);
  }

  /**
   * Takes a futex that has no owner for a task, or marks that somebody waits. Called with the
   * bucket held. Linux: futex_lock_pi_atomic().
   *
   * @param memory the caller's, who sees the futex at {@code address}
   * @param moreWait whether others than the task will wait
   * @return {@link #TAKEN}, {@link #WAITS}, or a negative error
   */
  private static long take(
      Task task,
      FutexTable.Bucket bucket,
      FutexTable.Key key,
      UserMemory memory,
      long address,
      boolean waits,
      boolean moreWait) {
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
      FutexPlace first = bucket.first(key);
      if (first != null && first.kind != FutexPlace.Kind.OWNERSHIP) {
        return -Errno.EINVAL;
      }
      if (owner != 0 && !waits) {
        return -Errno.EAGAIN;
      }
      if (owner != 0 && first == null && task.pidNamespace().find(owner) == null) {
        return -Errno.ESRCH;
      }
      boolean marked = first != null || moreWait;
      int update =
          owner == 0 ? word & OWNER_DIED | number(task) | (marked ? WAITERS : 0) : word | WAITERS;
      long seen = update == word ? value : memory.compareAndSwapInt(address, word, update);
      if (seen < 0) {
        return seen;
      }
      if (seen == value) {
        return owner == 0 ? TAKEN : WAITS;
      }
    }
  }

  /**
   * Waits to be moved to a futex with an owner, and to become that (FUTEX_WAIT_REQUEUE_PI).
   *
   * @param targetAddress where the task sees that futex
   */
  public long awaitMove(
      Task task,
      FutexTable.Condition condition,
      FutexTable.Key target,
      long targetAddress,
      FutexTable.Deadline deadline) {
    OwnershipWait wait = new OwnershipWait(table, task, this, true);
    FutexPlace place = FutexPlace.toBeMoved(wait, condition.key(), target, targetAddress);
    wait.setPlaces(place);
    long result = table.enqueue(task, place, condition);
    return result < 0 ? result : FutexTable.parked(wait, deadline);
  }

  /**
   * Makes the first who waits to be moved the owner, if there is none, and lets the others wait for
   * that (FUTEX_CMP_REQUEUE_PI).
   *
   * @param address where the caller sees the owner's futex
   * @return how many were woken or moved
   */
  public long requeue(
      Task task, FutexTable.Condition from, FutexTable.Key to, long address, int mostMoved) {
    FutexTable.Key key = from.key();
    FutexTable.Bucket source = table.bucket(key.space(), key.address());
    FutexTable.Bucket target = table.bucket(to.space(), to.address());
    FutexTable.Bucket first = source.number <= target.number ? source : target;
    synchronized (first) {
      synchronized (first == source ? target : source) {
        long value = task.memory().loadInt(from.address());
        if (value < 0 || (int) value != from.expected()) {
          return value < 0 ? value : -Errno.EAGAIN;
        }
        List<FutexPlace> places = source.all(key);
        if (places.isEmpty()) {
          return 0;
        }
        FutexPlace top = places.get(0);
        if (!mayMove(top, to)) {
          return -Errno.EINVAL;
        }
        boolean more = mostMoved > 0;
        long taken = take(top.waiter(), target, to, task.memory(), address, true, more);
        if (taken < 0) {
          return taken;
        }
        int count = 0;
        if (taken == TAKEN) {
          source.remove(top);
          top.wakeUp();
          count = 1;
        }
        // Linux counts the one to be woken also when it is moved.
        return moveRest(places, source, target, to, count, mostMoved + 1L);
      }
    }
  }

  private long moveRest(
      List<FutexPlace> places,
      FutexTable.Bucket source,
      FutexTable.Bucket target,
      FutexTable.Key to,
      int begin,
      long most) {
    int count = begin;
    while (count < places.size() && count < most) {
      FutexPlace place = places.get(count);
      if (!mayMove(place, to)) {
        return -Errno.EINVAL;
      }
      FutexTable.move(source, place, target, to);
      place.kind = FutexPlace.Kind.OWNERSHIP;
      ((OwnershipWait) place.wait).isMoved();
      all.add(place);
      count++;
    }
    return count;
  }

  private static boolean mayMove(FutexPlace place, FutexTable.Key to) {
    return place.kind == FutexPlace.Kind.TO_BE_MOVED && to.isSame(place.target);
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
        FutexPlace next = bucket.first(key);
        if (next != null && next.kind != FutexPlace.Kind.OWNERSHIP) {
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

  private void wake(FutexTable.Bucket bucket, @Nullable FutexPlace next) {
    if (next != null) {
      all.remove(next);
      bucket.remove(next);
      next.wakeUp();
    }
  }

  void forget(FutexPlace place) {
    all.remove(place);
  }

  /** A thread ends: what it owned and others wait for goes to the first of those. */
  void ownerEnds(Task owner) {
    for (FutexPlace place : all) {
      FutexTable.Bucket bucket = place.bucket;
      if (bucket == null) {
        continue;
      }
      synchronized (bucket) {
        FutexTable.Key key = new FutexTable.Key(place.space, place.address);
        FutexPlace next = place.bucket == bucket ? bucket.first(key) : null;
        if (next != null && handOver(owner, next)) {
          wake(bucket, next);
        }
      }
    }
  }

  private static boolean handOver(Task owner, FutexPlace next) {
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
