package dev.skerry.sentry.vfs;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import org.jspecify.annotations.Nullable;

/**
 * How much memory may be used, and how much is, in units of the account's own: pages of data, or
 * bytes of records. An account below another draws on that too. Thread-safe; the lock of an account
 * is taken before that of the one above. Linux: struct percpu_counter used_blocks of mm/shmem.c.
 */
public final class MemoryAccount {
  /** The bytes of a page of data. */
  public static final int PAGE = 4096;

  /**
   * What files kept in the sentry's memory take on its heap for their names, attributes and the
   * like, in bytes; files of all file systems draw on it.
   */
  public static final MemoryAccount RECORDS =
      new MemoryAccount(Runtime.getRuntime().maxMemory() / 3, null);

  private final long limit;
  private final @Nullable MemoryAccount above;

  @GuardedBy("this")
  private long used;

  /**
   * @param above draws are counted there too; null for an account of its own
   */
  public MemoryAccount(long limit, @Nullable MemoryAccount above) {
    this.limit = limit;
    this.above = above;
  }

  /** An account of pages of data, for at most so many bytes. */
  public static MemoryAccount ofBytes(long bytes) {
    return new MemoryAccount(bytes / PAGE, null);
  }

  /** Draws as much as there is, at most {@code wanted}; returns how much. */
  public synchronized long take(long wanted) {
    long granted = Math.min(wanted, limit - used);
    if (granted > 0 && above != null) {
      granted = above.take(granted);
    }
    used += Math.max(granted, 0);
    return Math.max(granted, 0);
  }

  /** Draws all or nothing; returns whether there was enough. */
  public boolean takeAll(long wanted) {
    long granted = take(wanted);
    if (granted < wanted) {
      give(granted);
      return false;
    }
    return true;
  }

  /** Draws without asking, after {@link #free} was found to be enough. */
  public synchronized void charge(long amount) {
    used += amount;
    if (above != null) {
      above.charge(amount);
    }
  }

  /** Gives back. */
  public synchronized void give(long amount) {
    used -= amount;
    if (above != null) {
      above.give(amount);
    }
  }

  /** The most that can be drawn, here and above. */
  public long limit() {
    return above == null ? limit : Math.min(limit, above.limit());
  }

  public synchronized long used() {
    return used;
  }

  /** What can still be drawn. */
  public synchronized long free() {
    long own = limit - used;
    return above == null ? own : Math.min(own, above.free());
  }
}
