package dev.skerry.sentry.fs.gofer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.skerry.goferproto.Found;
import dev.skerry.sentry.slab.Slab;
import dev.skerry.sentry.vfs.Inode;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The inodes that somebody knows: one for each file of the host. */
final class InodeCache {
  /** Milliseconds. */
  private static final long FIRST_WAIT = 100;

  private static final long NEXT_WAIT = 2;

  private final GoferConnection connection;
  private final DonatedFiles donated;
  private final ReferenceQueue<GoferInode> unreachable = new ReferenceQueue<>();

  @GuardedBy("this")
  private final Map<InodeKey, InodeReference> inodes = new HashMap<>();

  InodeCache(GoferConnection connection, DonatedFiles donated) {
    this.connection = connection;
    this.donated = donated;
  }

  /**
   * The inode for a file that the gofer has found; its handle is taken over or given back.
   *
   * @param since as of {@link CachedStat#found}
   */
  GoferInode of(GoferFileSystem fileSystem, Found found, int since) {
    InodeKey key = new InodeKey(found.attributes().dev(), found.attributes().ino());
    GoferInode known;
    synchronized (this) {
      removeUnreachable();
      known = known(key);
      if (known == null) {
        GoferInode inode =
            (found.attributes().mode() & Inode.S_IFMT) == Inode.S_IFDIR
                ? new GoferDirectory(fileSystem, unreachable, key, found)
                : new GoferInode(fileSystem, unreachable, key, found);
        inodes.put(key, inode.reference());
        Slab.GOFER_INODE.charge(1);
        return inode;
      }
    }
    connection.forget(found.handle());
    known.found(found.attributes(), since);
    return known;
  }

  @GuardedBy("this")
  private @Nullable GoferInode known(InodeKey key) {
    InodeReference reference = inodes.get(key);
    return reference == null ? null : reference.get();
  }

  /** The file has no name any more and is not open: nothing of it is kept. */
  synchronized void remove(InodeReference reference) {
    inodes.remove(reference.key(), reference);
    giveBack(reference);
  }

  @GuardedBy("this")
  private void removeUnreachable() {
    InodeReference reference;
    while ((reference = (InodeReference) unreachable.poll()) != null) {
      // Another inode may have taken its place already.
      inodes.remove(reference.key(), reference);
      giveBack(reference);
    }
  }

  @GuardedBy("this")
  private void giveBack(InodeReference reference) {
    if (!reference.isGivenBack()) {
      reference.setGivenBack();
      Slab.GOFER_INODE.give(1);
      donated.forget(reference);
      connection.forget(reference.handle());
    }
  }

  /** Nobody will use the file system any more: gives back everything. */
  synchronized void clear() {
    removeUnreachable();
    for (InodeReference reference : inodes.values()) {
      giveBack(reference);
    }
    inodes.clear();
  }

  /**
   * After a collection of the heap: gives back what inodes held that nobody knows any more. They
   * are told of by another thread, one after the other.
   */
  void collect() {
    try {
      Reference<? extends GoferInode> reference = unreachable.remove(FIRST_WAIT);
      while (reference != null) {
        remove((InodeReference) reference);
        reference = unreachable.remove(NEXT_WAIT);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
