package dev.skerry.sentry.fs.overlay;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.vfs.Inode;
import dev.skerry.sentry.vfs.Stat;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The overlay's inodes of lower files, one for all names of a file. They are known weakly until
 * they differ from the lower file.
 */
final class LowerFiles {
  private record Key(long device, long number) {
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Key key && key.device == device && key.number == number;
    }

    @Override
    public int hashCode() {
      return Long.hashCode(device * 31 + number);
    }
  }

  /** Where an inode is known. */
  static final class Place extends WeakReference<OverlayInode> {
    private final Key key;

    /** The inode, to keep it. Guarded by the {@link LowerFiles}. */
    @SuppressWarnings("UnusedVariable")
    private @Nullable OverlayInode kept;

    private Place(Key key, OverlayInode inode, ReferenceQueue<OverlayInode> queue) {
      super(inode, queue);
      this.key = key;
    }
  }

  private final OverlayFileSystem fileSystem;
  private final ReferenceQueue<OverlayInode> collected = new ReferenceQueue<>();

  @GuardedBy("this")
  private final Map<Key, Place> places = new HashMap<>();

  LowerFiles(OverlayFileSystem fileSystem) {
    this.fileSystem = fileSystem;
  }

  OverlayInode of(Inode lower) throws ErrnoException {
    Stat attributes = lower.stat();
    Key key = new Key(attributes.dev(), attributes.ino());
    synchronized (this) {
      Place place = places.get(key);
      OverlayInode known = place == null ? null : place.get();
      // The host may have given the number of a file that is gone to another.
      if (known != null && known.type() == lower.type()) {
        return known;
      }
      OverlayInode made =
          lower.isDirectory()
              ? new OverlayDirectory(fileSystem, attributes.ino(), lower, null)
              : new OverlayInode(fileSystem, lower.type(), attributes.ino(), lower, null);
      Place entered = new Place(key, made, collected);
      made.setPlace(entered);
      places.put(key, entered);
      forgetCollected();
      return made;
    }
  }

  /** The inode of a lower file if there is one; null otherwise. */
  @Nullable OverlayInode known(Inode lower) throws ErrnoException {
    Stat attributes = lower.stat();
    synchronized (this) {
      Place place = places.get(new Key(attributes.dev(), attributes.ino()));
      return place == null ? null : place.get();
    }
  }

  @GuardedBy("this")
  private void forgetCollected() {
    while (true) {
      Reference<? extends OverlayInode> gone = collected.poll();
      if (gone == null) {
        return;
      }
      Place place = (Place) gone;
      places.remove(place.key, place);
    }
  }

  /** Keeps an inode that differs from its lower file. */
  synchronized void keep(Place place, OverlayInode inode) {
    place.kept = inode;
  }

  /** Lets go of an inode that has no name any more. */
  synchronized void letGo(Place place) {
    place.kept = null;
  }
}
