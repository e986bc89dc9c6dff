package dev.skerry.sentry.futex;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.usermem.UserMemory;
import java.util.ArrayList;
import java.util.Arrays;
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
    private final List<FutexPlace> places = new ArrayList<>(2);

    Bucket(int number) {
      this.number = number;
    }

    /** Who has waited longest on a futex; null if nobody waits. */
    @Nullable FutexPlace first(Key key) {
      for (FutexPlace place : places) {
        if (key.matches(place)) {
          return place;
        }
      }
      return null;
    }

    /** All places of a futex, in order. */
    List<FutexPlace> all(Key key) {
      List<FutexPlace> all = new ArrayList<>();
      for (FutexPlace place : places) {
        if (key.matches(place)) {
          all.add(place);
        }
      }
      return all;
    }

    void add(FutexPlace place) {
      place.bucket = this;
      places.add(place);
    }

    void remove(FutexPlace place) {
      places.remove(place);
    }
  }

  /** Where a futex is. */
  public record Key(Object space, long address) {
    boolean matches(FutexPlace place) {
      return place.address == address && place.space.equals(space);
    }

    /** Whether both name the same futex. */
    public boolean isSame(@Nullable Key other) {
      return other != null && other.address == address && other.space.equals(space);
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

  /** What one waits for: a wake-up of the futex that the task sees at the address. */
  public record Condition(Key key, long address, int expected) {}

  /**
   * Waits while the word is as expected (FUTEX_WAIT_BITSET).
   *
   * @param goesOn whether a wait with a deadline goes on after a signal without a handler, in place
   *     of being begun again
   * @return as a system call: zero after a wake-up, -EAGAIN if the word differs
   */
  public long await(Task task, Condition condition, int bitset, Deadline deadline, boolean goesOn) {
    FutexWait.Again again = null;
    if (deadline.isSet() && goesOn) {
      again = restarted -> await(restarted, condition, bitset, deadline, true);
    }
    FutexWait wait = new FutexWait(this, task, again);
    FutexPlace place = new FutexPlace(wait, condition.key, bitset);
    wait.setPlaces(place);
    long result = enqueue(task, place, condition);
    return result < 0 ? result : parked(wait, deadline);
  }

  /**
   * Waits while all words are as expected (futex_waitv(2)).
   *
   * @return as a system call: the number of one that was woken
   */
  public long awaitAny(Task task, List<Condition> conditions, Deadline deadline) {
    FutexWait wait = new FutexWait(this, task, null);
    FutexPlace[] places = new FutexPlace[conditions.size()];
    for (int i = 0; i < places.length; i++) {
      places[i] = new FutexPlace(wait, conditions.get(i).key, EVERYBODY);
    }
    for (int i = 0; i < places.length; i++) {
      wait.setPlaces(Arrays.copyOf(places, i));
      long result = enqueue(task, places[i], conditions.get(i));
      if (result < 0) {
        int woken = wait.leave();
        return woken >= 0 ? woken : result;
      }
    }
    wait.setPlaces(places);
    return parked(wait, deadline);
  }

  static long parked(FutexWait wait, Deadline deadline) {
    if (deadline.isSet()) {
      wait.until(deadline.nanos());
    }
    return wait.park();
  }

  /** Queues, if the word is as expected; else -EAGAIN or -EFAULT. */
  long enqueue(Task task, FutexPlace place, Condition condition) {
    Bucket bucket = bucket(place.space, place.address);
    synchronized (bucket) {
      long value = task.memory().loadInt(condition.address);
      if (value < 0) {
        return value;
      }
      if ((int) value != condition.expected) {
        return -Errno.EAGAIN;
      }
      bucket.add(place);
      return 0;
    }
  }

  /** Takes a place off; false if it was woken meanwhile. */
  boolean remove(FutexPlace place) {
    while (true) {
      Bucket bucket = place.bucket;
      if (bucket == null) {
        return false;
      }
      synchronized (bucket) {
        if (place.bucket == bucket) {
          bucket.remove(place);
          place.bucket = null;
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
      return wake(bucket, key, most, bitset);
    }
  }

  /** Ends with -EINVAL where somebody waits for an owner: those before were woken all the same. */
  private static int wake(Bucket bucket, Key key, int most, int bitset) {
    int count = 0;
    for (int i = 0; i < bucket.places.size() && count < most; ) {
      FutexPlace place = bucket.places.get(i);
      if (key.matches(place) && !place.isPlain()) {
        return -Errno.EINVAL;
      }
      if (key.matches(place) && (place.bitset & bitset) != 0) {
        bucket.places.remove(i);
        place.wakeUp();
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
   * @param memory for a comparison of the first futex's word; null for none
   * @return how many were woken, with {@code memory} also those moved; -EAGAIN if the word differs
   */
  public long requeue(
      Condition from, Key to, int mostWoken, int mostMoved, @Nullable UserMemory memory) {
    Key key = from.key;
    Bucket source = bucket(key.space(), key.address());
    Bucket target = bucket(to.space(), to.address());
    Bucket first = source.number <= target.number ? source : target;
    synchronized (first) {
      synchronized (first == source ? target : source) {
        if (memory != null) {
          long value = memory.loadInt(from.address);
          if (value < 0 || (int) value != from.expected) {
            return value < 0 ? value : -Errno.EAGAIN;
          }
        }
        int woken = wake(source, key, mostWoken, EVERYBODY);
        int moved = woken < 0 ? woken : move(source, key, target, to, mostMoved);
        if (moved < 0) {
          return moved;
        }
        return memory == null ? woken : (long) woken + moved;
      }
    }
  }

  private static int move(Bucket source, Key from, Bucket target, Key to, int most) {
    int count = 0;
    for (FutexPlace place : source.all(from)) {
      if (count >= most) {
        break;
      }
      if (!place.isPlain()) {
        return -Errno.EINVAL;
      }
      move(source, place, target, to);
      count++;
    }
    return count;
  }

  static void move(Bucket source, FutexPlace place, Bucket target, Key to) {
    source.remove(place);
    place.space = to.space();
    place.address = to.address();
    target.add(place);
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
        if (count < 0 || !condition.test((int) before)) {
          return count;
        }
        int more = wake(target, two, mostTwo, EVERYBODY);
        return more < 0 ? more : (long) count + more;
      }
    }
  }
}
