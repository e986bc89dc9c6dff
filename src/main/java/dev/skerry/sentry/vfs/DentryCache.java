package dev.skerry.sentry.vfs;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Names that were looked up, found or not, up to a limit; beyond it those go that were not used
 * lately. Linux: fs/dcache.c.
 */
final class DentryCache {
  /** Some 16 MB of heap with the inodes behind the names. */
  static final int DEFAULT_LIMIT = 32_768;

  /** How often a look-up that lost to changes in its directory tries again without the lock. */
  private static final int TRIES = 3;

  private final ReferenceQueue<Dentry> collected = new ReferenceQueue<>();

  static final int MOST_NAME_BYTES = 255;

  /** Odd while a rename moves dentries. */
  private volatile int sequence;

  private final Object sequenceLock = new Object();

  // Guarded by this.
  private @Nullable Dentry newest;
  private @Nullable Dentry oldest;
  private int size;
  private int limit = DEFAULT_LIMIT;

  /** Sets how many names are kept at most beyond those in use. */
  synchronized void setLimit(int most) {
    limit = Math.max(most, 1);
    shrink();
  }

  /** How many names are kept. */
  synchronized int size() {
    return size;
  }

  /**
   * Finds the name in a directory.
   *
   * @return a dentry, perhaps a negative one
   */
  Dentry lookup(Dentry directory, String name) throws ErrnoException {
    boolean caches = directory.inode().fileSystem().cachesNames();
    Dentry cached = cached(directory, name);
    if (cached != null && (caches || cached.isMountPoint() || cached.isPoint())) {
      cached.referenced = true;
      return cached;
    }
    for (int i = 0; i < TRIES; i++) {
      int changes = directory.changes();
      Inode inode = ask(directory, name);
      Dentry entered = enter(directory, name, inode, changes, caches);
      if (entered != null) {
        return entered;
      }
    }
    synchronized (directory) {
      return lookupLocked(directory, name);
    }
  }

  /** As {@link #lookup}, by a caller that holds the directory's monitor. */
  Dentry lookupLocked(Dentry directory, String name) throws ErrnoException {
    boolean caches = directory.inode().fileSystem().cachesNames();
    Dentry cached = cached(directory, name);
    if (cached != null && (caches || cached.isMountPoint() || cached.isPoint())) {
      return cached;
    }
    Inode inode = ask(directory, name);
    Dentry entered = enter(directory, name, inode, directory.changes(), caches);
    if (entered == null) {
      throw new IllegalStateException("changed under the lock: " + name);
    }
    return entered;
  }

  private static @Nullable Inode ask(Dentry directory, String name) throws ErrnoException {
    if (name.length() > MOST_NAME_BYTES) {
      throw ErrnoException.of(Errno.ENAMETOOLONG);
    }
    return directory.inode().lookup(name);
  }

  private @Nullable Dentry cached(Dentry directory, String name) {
    int before = sequence;
    Dentry child = directory.child(name);
    if ((before & 1) == 0 && before == sequence) {
      return child;
    }
    synchronized (sequenceLock) {
      return directory.child(name);
    }
  }

  /**
   * As {@link #lookup} in a directory whose file system was asked already.
   *
   * @param changes the directory's, before it was asked
   * @return null if names changed meanwhile
   */
  @Nullable Dentry answered(Dentry directory, String name, @Nullable Inode inode, int changes) {
    return enter(directory, name, inode, changes, directory.inode().fileSystem().cachesNames());
  }

  /** Notes what a look-up has found; null if names changed meanwhile, so that it may be wrong. */
  private @Nullable Dentry enter(
      Dentry directory, String name, @Nullable Inode inode, int changes, boolean caches) {
    synchronized (directory) {
      if (directory.changes() != changes) {
        return null;
      }
      Dentry present = directory.child(name);
      if (present != null) {
        boolean stays = caches && !present.isNegative();
        if (stays || present.hasInode(inode) || present.isMountPoint() || present.isPoint()) {
          return present;
        }
        drop(directory, present);
      }
      Dentry made = new Dentry(directory, name, inode);
      reap();
      if (caches) {
        insert(directory, made);
      } else if (inode != null) {
        directory.put(made, collected);
      }
      return made;
    }
  }

  /**
   * Enters a file that was just made, in place of the negative dentry. Directory's monitor held.
   */
  Dentry created(Dentry directory, String name, Inode inode) {
    directory.changed();
    Dentry present = directory.child(name);
    if (present != null) {
      drop(directory, present);
    }
    Dentry made = new Dentry(directory, name, inode);
    insert(directory, made);
    return made;
  }

  /** Enters a mount point that stays, in place of the negative dentry. Directory's monitor held. */
  Dentry addPoint(Dentry directory, String name, Inode point) {
    Dentry made = created(directory, name, point);
    directory.addPoint(made);
    return made;
  }

  /** Takes out a name that is gone, or may be. Directory's monitor held. */
  void removed(Dentry directory, Dentry child) {
    directory.changed();
    drop(directory, child);
  }

  /** Looks the name up anew the next time: a change failed, and who knows why. Monitor held. */
  void forget(Dentry directory, String name) {
    directory.changed();
    Dentry present = directory.child(name);
    if (present != null && present.isNegative()) {
      drop(directory, present);
    }
  }

  /** Forgets what is not so any more in a directory and below: files changed without the cache. */
  void refresh(Dentry top) throws ErrnoException {
    ArrayDeque<Dentry> next = new ArrayDeque<>();
    next.push(top);
    while (!next.isEmpty()) {
      Dentry directory = next.pop();
      synchronized (directory) {
        directory.changed();
        for (Dentry child : directory.children()) {
          Inode now = directory.inode().lookup(child.name());
          if (!child.hasInode(now) && !child.isMountPoint() && !child.isPoint()) {
            drop(directory, child);
          } else if (now != null && now.isDirectory()) {
            next.push(child);
          }
        }
      }
    }
  }

  private void drop(Dentry directory, Dentry child) {
    child.setDeleted();
    directory.remove(child.name());
    unlist(child);
  }

  private void insert(Dentry directory, Dentry child) {
    directory.put(child, collected);
    synchronized (this) {
      link(child);
      size++;
      shrink();
    }
  }

  /** Takes the entries of dentries that the collector has taken out of their tables. */
  private void reap() {
    while (true) {
      Reference<? extends Dentry> gone = collected.poll();
      if (gone == null) {
        return;
      }
      ((Dentry.Link) gone).forget();
    }
  }

  /**
   * Moves a dentry to another name, in place of what has that. Monitors of both directories held.
   */
  void moved(Dentry from, Dentry child, Dentry to, String name, Dentry replaced) {
    from.changed();
    to.changed();
    synchronized (sequenceLock) {
      sequence++;
      drop(to, replaced);
      from.remove(child.name());
      child.move(to, name);
      to.put(child, collected);
      sequence++;
    }
  }

  /** Exchanges two names. Monitors of both directories held. */
  void exchanged(Dentry firstDirectory, Dentry first, Dentry secondDirectory, Dentry second) {
    firstDirectory.changed();
    secondDirectory.changed();
    synchronized (sequenceLock) {
      sequence++;
      String name = first.name();
      first.move(secondDirectory, second.name());
      second.move(firstDirectory, name);
      secondDirectory.put(first, collected);
      firstDirectory.put(second, collected);
      sequence++;
    }
  }

  /** Lets go of what was not used since the last time it was its turn. Guarded by this. */
  private void shrink() {
    while (size > limit) {
      Dentry victim = oldest;
      if (victim == null) {
        throw new IllegalStateException("empty list of size " + size);
      }
      unlink(victim);
      if (victim.referenced) {
        victim.referenced = false;
        link(victim);
      } else {
        size--;
      }
    }
  }

  private synchronized void unlist(Dentry dentry) {
    if (dentry.listed) {
      unlink(dentry);
      size--;
    }
  }

  private void link(Dentry dentry) {
    dentry.older = newest;
    if (newest == null) {
      oldest = dentry;
    } else {
      newest.newer = dentry;
    }
    newest = dentry;
    dentry.listed = true;
  }

  private void unlink(Dentry dentry) {
    Dentry newer = dentry.newer;
    Dentry older = dentry.older;
    if (newer == null) {
      newest = older;
    } else {
      newer.older = older;
    }
    if (older == null) {
      oldest = newer;
    } else {
      older.newer = newer;
    }
    dentry.newer = null;
    dentry.older = null;
    dentry.listed = false;
  }
}
