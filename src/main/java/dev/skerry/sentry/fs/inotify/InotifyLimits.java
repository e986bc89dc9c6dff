package dev.skerry.sentry.fs.inotify;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.skerry.sentry.slab.Slab;
import dev.skerry.sentry.sysctl.Sysctl;
import dev.skerry.sentry.sysctl.SysctlValues;
import java.util.HashMap;
import java.util.Map;

/**
 * How much of inotify there may be, as /proc/sys/fs/inotify tells. Watches, each of which keeps an
 * inode, and the heap that events take are counted for all users together, so that no guest can
 * fill the sentry's heap. A leaf lock.
 */
public final class InotifyLimits {
  private static final long MOST_EVENT_BYTES = 8L << 20;

  @GuardedBy("this")
  private final Map<Integer, Integer> instances = new HashMap<>();

  @GuardedBy("this")
  private int watches;

  @GuardedBy("this")
  private long eventBytes;

  /** Takes one more instance for a user; false at the limit. */
  synchronized boolean takeInstance(int uid) {
    int present = instances.getOrDefault(uid, 0);
    if (present >= SysctlValues.SYSTEM.get(Sysctl.INOTIFY_INSTANCES)) {
      return false;
    }
    instances.put(uid, present + 1);
    return true;
  }

  synchronized void giveInstance(int uid) {
    int left = instances.getOrDefault(uid, 0) - 1;
    if (left > 0) {
      instances.put(uid, left);
    } else {
      instances.remove(uid);
    }
  }

  /** Takes one more watch; false at the limit. */
  synchronized boolean takeWatch() {
    if (watches >= SysctlValues.SYSTEM.get(Sysctl.INOTIFY_WATCHES)) {
      return false;
    }
    watches++;
    Slab.INOTIFY_WATCH.charge(1);
    return true;
  }

  synchronized void giveWatches(int count) {
    watches -= count;
    Slab.INOTIFY_WATCH.give(count);
  }

  /** Takes heap for an event; false at the limit. */
  synchronized boolean takeEvent(int bytes) {
    if (eventBytes + bytes > MOST_EVENT_BYTES) {
      return false;
    }
    eventBytes += bytes;
    return true;
  }

  synchronized void giveEvent(long bytes) {
    eventBytes -= bytes;
  }
}
