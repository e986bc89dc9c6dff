package dev.skerry.sentry.fs.gofer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.skerry.goferproto.Found;
import java.lang.ref.ReferenceQueue;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The inodes that somebody knows: one for each file of the host. */
final class InodeCache {
  private final GoferConnection connection;
  private final DonatedFiles donated;
  private final ReferenceQueue<GoferInode> unreachable = new ReferenceQueue<>();

  @GuardedBy("this")
  private final Map<InodeKey, InodeReference> inodes = new HashMap<>();

  InodeCache(GoferConnection connection, DonatedFiles donated) {
    this.connection = connection;
    this.donated = donated;
  }

  /** The inode for a file that the gofer has found; its handle is taken over or given back. */
  GoferInode of(GoferFileSystem fileSystem, Found found) {
    InodeKey key = new InodeKey(found.attributes().dev(), found.attributes().ino());
    GoferInode known;
    synchronized (this) {
      removeUnreachable();
      known = known(key);
      if (known == null) {
        GoferInode inode = new GoferInode(fileSystem, unreachable, key, found);
        inodes.put(key, inode.reference());
        return inode;
      }
    }
    connection.forget(found.handle());
    known.found(found.attributes());
    return known;
  }

  @GuardedBy("this")
  private @Nullable GoferInode known(InodeKey key) {
    InodeReference reference = inodes.get(key);
    return reference == null ? null : reference.get();
  }

  /** The file has no name any more and is not open: nothing of it is kept. */
  void remove(InodeReference reference) {
    boolean known;
    synchronized (this) {
      known = inodes.remove(reference.key(), reference);
    }
    if (known) {
      giveBack(reference);
    }
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

  private void giveBack(InodeReference reference) {
    donated.forget(reference);
    connection.forget(reference.handle());
  }

  /** Finds out which inodes nobody knows any more, and gives back what they held. */
  synchronized void collect() {
    removeUnreachable();
  }
}
