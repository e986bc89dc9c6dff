package dev.skerry.sentry.futex;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.usermem.UserMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Every futex of the sandbox that somebody waits on. A futex is named by a space and an address in
 * it: the space is an address space, or the memory that several share.
 */
public final class FutexTable {
  /** All bits: what wakes and is woken by everybody. */
  public static final int EVERYBODY = -1;

  private static final int BUCKETS = 256;

  /** Those who wait on the futexes of one hash value, in the order of their coming. */
  static final class Bucket {
    final int number;
    private final List<FutexWait> waits = new ArrayList<>(2);

    Bucket(int number) {
      this.number = number;
    }

    /** Who has waited longest on a futex; null if nobody waits. */
    @Nullable FutexWait first(Key key) {
      for (FutexWait wait : waits) {
        if (key.matches(wait)) {
          return wait;
        }
      }
      return null;
    }

    void add(FutexWait wait) {
      wait.bucket = this;
      waits.add(wait);
    }

    void remove(FutexWait wait) {
      waits.remove(wait);
    }
  }

  /** Where a futex is. */
  public record Key(Object space, long address) {
    boolean matches(FutexWait wait) {
      return wait.address == address && wait.space.equals(space);
    }
  }

  /**
   * Until when to wait, in the time of {@link System#nanoTime}; not at all if not {@code isSet}.
   */
  public record Deadline(boolean isSet, long nanos) {
    public static final Deadline NEVER = new Deadline(false, 0);
  }

  private final Bucket[] buckets = new Bucket[BUCKETS];

  public FutexTable() {
    for (int i = 0; i < BUCKETS; i++) {
      buckets[i] = new Bucket(i);
    }
  }

  Bucket bucket(Object space, long address) {
    int hash = space.hashCode() * 31 + Long.hashCode(address >> 2) * 0x9e3779b9;
    return buckets[(hash >>> 16 ^ hash) & (BUCKETS - 1)];
  }

  /**
   * Waits while the word at the address is as expected (FUTEX_WAIT_BITSET).
   *
   * @param address where the task sees the futex
   * @return as a system call: zero after a wake-up, -EAGAIN if the word differs
   */
  public long await(Task task, Key key, long address, int expected, int bitset, Deadline deadline) {
    FutexWait.Again again = null;
    if (deadline.isSet()) {
      again = restarted -> await(restarted, key, address, expected, bitset, deadline);
    }
    FutexWait wait = new FutexWait(this, task, key.space(), key.address(), bitset, again);
    Bucket bucket = bucket(key.space(), key.address());
    synchronized (bucket) {
      long value = task.memory().loadInt(address);
      if (value < 0) {
        return value;
      }
      if ((int) value != expected) {
        return -Errno.EAGAIN;
      }
      bucket.add(wait);
    }
    if (deadline.isSet()) {
      wait.until(deadline.nanos());
    }
    return wait.park();
  }

  /** Takes a wait off; false if it was woken meanwhile. */
  boolean remove(FutexWait wait) {
    while (true) {
      Bucket bucket = wait.bucket;
      if (bucket == null) {
        return false;
      }
      synchronized (bucket) {
        if (wait.bucket == bucket) {
          bucket.waits.remove(wait);
          wait.bucket = null;
          return true;
        }
      }
    }
  }

  /**
   * Wakes waiters in the order of their coming (FUTEX_WAKE_BITSET).
   *
   * @return how many
   */
  public int wake(Key key, int most, int bitset) {
    Bucket bucket = bucket(key.space(), key.address());
    synchronized (bucket) {
      FutexWait first = bucket.first(key);
      if (first != null && first.inherits) {
        return -Errno.EINVAL;
      }
      return wake(bucket, key, most, bitset);
    }
  }

  private static int wake(Bucket bucket, Key key, int most, int bitset) {
    int count = 0;
    for (int i = 0; i < bucket.waits.size() && count < most; ) {
      FutexWait wait = bucket.waits.get(i);
      if (key.matches(wait) && (wait.bitset & bitset) != 0) {
        bucket.waits.remove(i);
        wait.wakeUp();
        count++;
      } else {
        i++;
      }
    }
    return count;
  }

  /**
   * Wakes some waiters and lets others wait on another futex (FUTEX_REQUEUE, FUTEX_CMP_REQUEUE).
   *
   * @param memory with {@code address} for a comparison; null for none
   * @return how many were woken, with {@code memory} also those moved; -EAGAIN if the word differs
   */
  public long requeue(
      Key from,
      Key to,
      int mostWoken,
      int mostMoved,
      @Nullable UserMemory memory,
      long address,
      int expected) {
    Bucket source = bucket(from.space(), from.address());
    Bucket target = bucket(to.space(), to.address());
    Bucket first = source.number <= target.number ? source : target;
    synchronized (first) {
      synchronized (first == source ? target : source) {
        if (memory != null) {
          long value = memory.loadInt(address);
          if (value < 0 || (int) value != expected) {
            return value < 0 ? value : -Errno.EAGAIN;
          }
        }
        int woken = wake(source, from, mostWoken, EVERYBODY);
        int moved = move(source, from, target, to, mostMoved);
        return memory == null ? woken : (long) woken + moved;
      }
    }
  }

  private static int move(Bucket source, Key from, Bucket target, Key to, int most) {
    int count = 0;
    List<FutexWait> moved = new ArrayList<>();
    for (int i = 0; i < source.waits.size() && count < most; ) {
      FutexWait wait = source.waits.get(i);
      if (from.matches(wait)) {
        source.waits.remove(i);
        wait.space = to.space();
        wait.address = to.address();
        wait.bucket = target;
        moved.add(wait);
        count++;
      } else {
        i++;
      }
    }
    target.waits.addAll(moved);
    return count;
  }

  /** Changes the word at an address. */
  public interface WordChange {
    /** Returns the word before as an unsigned number, or a negative error. */
    long apply();
  }

  /**
   * Changes the second futex's word, wakes waiters of the first, and, if the old word fulfils the
   * condition, of the second (FUTEX_WAKE_OP).
   *
   * @return how many were woken, or a negative error of the change
   */
  public long wakeAndChange(
      Key one, Key two, int mostOne, int mostTwo, WordChange change, IntPredicate condition) {
    Bucket source = bucket(one.space(), one.address());
    Bucket target = bucket(two.space(), two.address());
    Bucket first = source.number <= target.number ? source : target;
    synchronized (first) {
      synchronized (first == source ? target : source) {
        long before = change.apply();
        if (before < 0) {
          return before;
        }
        int count = wake(source, one, mostOne, EVERYBODY);
        if (condition.test((int) before)) {
          count += wake(target, two, mostTwo, EVERYBODY);
        }
        return count;
      }
    }
  }
}
