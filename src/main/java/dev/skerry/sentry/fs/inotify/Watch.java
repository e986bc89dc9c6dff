package dev.skerry.sentry.fs.inotify;

import dev.skerry.sentry.vfs.FileEvents;
import dev.skerry.sentry.vfs.FileWatch;
import dev.skerry.sentry.vfs.VfsPath;
import org.jspecify.annotations.Nullable;

/** What one instance wants to know of one file. Linux: struct inotify_inode_mark. */
final class Watch implements FileWatch {
  private final InotifyFile file;
  private final int number;

  /** Keeps the file findable as the very inode that is watched. */
  private final VfsPath path;

  /** The wanted events, and IN_EXCL_UNLINK, IN_ONESHOT. */
  private volatile int mask;

  Watch(InotifyFile file, int number, VfsPath path, int mask) {
    this.file = file;
    this.number = number;
    this.path = path;
    this.mask = mask;
  }

  int number() {
    return number;
  }

  VfsPath path() {
    return path;
  }

  int mask() {
    return mask;
  }

  void setMask(int wanted) {
    mask = wanted;
  }

  boolean isOneShot() {
    return (mask & InotifyFile.IN_ONESHOT) != 0;
  }

  @Override
  public void happened(int events, @Nullable String name, int cookie, boolean unlinked) {
    int wanted = mask;
    boolean asked = (events & (wanted | FileEvents.UNMOUNT) & ~FileEvents.ISDIR) != 0;
    if (asked && !(unlinked && (wanted & InotifyFile.IN_EXCL_UNLINK) != 0)) {
      file.happened(this, events, name == null ? "" : name, cookie);
    }
  }

  @Override
  public void ended() {
    file.ended(this);
  }
}
