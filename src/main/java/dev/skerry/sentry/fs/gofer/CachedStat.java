package dev.skerry.sentry.fs.gofer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.skerry.goferproto.Attributes;
import dev.skerry.sentry.vfs.Stat;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** An inode's attributes, as far as they are known. */
final class CachedStat {
  /** How long attributes of files that others change count as those of now, in nanoseconds. */
  private static final long FRESH = 1_000_000;

  private static final int SET_IDS = 06000;

  private final long device;
  private final boolean exclusive;

  @GuardedBy("this")
  private @Nullable Stat stat;

  @GuardedBy("this")
  private long setAt;

  /** Counts changes: what was asked for before one is not kept after it. */
  @GuardedBy("this")
  private int changes;

  @GuardedBy("this")
  private boolean last;

  /** As the gofer said last: the sentry itself, in a user namespace of its own, sees no owners. */
  @GuardedBy("this")
  private int uid;

  @GuardedBy("this")
  private int gid;

  /** As last known, whatever else may have changed since. */
  @GuardedBy("this")
  private int mode;

  /** Counts the changes of all files of the file system. */
  private final AtomicInteger allChanges;

  CachedStat(long device, boolean exclusive, AtomicInteger allChanges, Attributes attributes) {
    this.device = device;
    this.allChanges = allChanges;
    this.exclusive = exclusive;
    uid = attributes.uid();
    gid = attributes.gid();
    mode = attributes.mode();
    stat = statOf(attributes);
    setAt = System.nanoTime();
  }

  private Stat statOf(Attributes a) {
    return new Stat(
        device,
        a.ino(),
        a.mode(),
        a.nlink(),
        a.uid(),
        a.gid(),
        a.rdev(),
        a.size(),
        a.blksize(),
        a.blocks(),
        a.atime(),
        a.mtime(),
        a.ctime(),
        a.btime());
  }

  /** What is known to be true now, or null. */
  synchronized @Nullable Stat known() {
    if (exclusive || last || stat == null || System.nanoTime() - setAt < FRESH) {
      return stat;
    }
    return null;
  }

  /** To be read before the gofer or the host is asked, for {@link #set}. */
  synchronized int changes() {
    return changes;
  }

  /**
   * Takes what the gofer said.
   *
   * @param since what {@link #changes} was before it was asked: if it is not any more, the answer
   *     may be outdated and is only given back
   */
  synchronized Stat set(Attributes attributes, int since) {
    Stat answer = statOf(attributes);
    if (!last && changes == since) {
      uid = attributes.uid();
      gid = attributes.gid();
      mode = attributes.mode();
      stat = answer;
      setAt = System.nanoTime();
    }
    return answer;
  }

  /** Takes what the host said of a descriptor, likewise, but for the owner. */
  synchronized Stat setAllButOwner(Attributes a, int since) {
    Stat answer =
        new Stat(
            device,
            a.ino(),
            a.mode(),
            a.nlink(),
            uid,
            gid,
            a.rdev(),
            a.size(),
            a.blksize(),
            a.blocks(),
            a.atime(),
            a.mtime(),
            a.ctime(),
            a.btime());
    if (!last && changes == since) {
      mode = a.mode();
      stat = answer;
      setAt = System.nanoTime();
    }
    return answer;
  }

  /** Takes what the host said about the outcome of a change of ours. */
  synchronized void setChanged(Attributes attributes, int since) {
    set(attributes, since);
    uid = attributes.uid();
    gid = attributes.gid();
    mode = attributes.mode();
    if (changes != since) {
      changed();
    }
    changes++;
    allChanges.incrementAndGet();
  }

  /** The file was changed: what is known is true no more. */
  synchronized void changed() {
    changes++;
    allChanges.incrementAndGet();
    if (!last) {
      stat = null;
    }
  }

  /** The permissions of a file with set-ID bits that nobody else changes; otherwise -1. */
  synchronized int setIdMode() {
    return exclusive && (mode & SET_IDS) != 0 ? mode & 07777 : -1;
  }

  /** The host has taken the set-ID bits away. */
  synchronized void lostSetIds() {
    mode &= ~SET_IDS;
  }

  /**
   * The file was found again; this counts unless something has changed.
   *
   * @param since what the count of all changes was before the gofer was asked
   */
  synchronized void found(Attributes attributes, int since) {
    if (!exclusive && !last && allChanges.get() == since) {
      uid = attributes.uid();
      gid = attributes.gid();
      stat = statOf(attributes);
      setAt = System.nanoTime();
    }
  }

  /** The last name is gone: the host cannot be asked any more. */
  synchronized void freeze(Stat finalStat) {
    stat =
        new Stat(
            finalStat.dev(),
            finalStat.ino(),
            finalStat.mode(),
            0,
            finalStat.uid(),
            finalStat.gid(),
            finalStat.rdev(),
            finalStat.size(),
            finalStat.blksize(),
            finalStat.blocks(),
            finalStat.atime(),
            finalStat.mtime(),
            finalStat.ctime(),
            finalStat.btime());
    last = true;
  }

  synchronized boolean isFrozen() {
    return last;
  }

  /** The attributes that were last known, whether or not they are true still. */
  synchronized @Nullable Stat latest() {
    return stat;
  }
}
