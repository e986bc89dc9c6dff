package dev.skerry.sentry.fs.gofer;

import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import org.jspecify.annotations.Nullable;

/** What must be given back once nobody knows the inode any more. Its monitor guards attributes. */
final class InodeReference extends WeakReference<GoferInode> {
  private final InodeKey key;
  private final int handle;

  /** Guarded by the {@link DonatedFiles}. */
  @Nullable DonatedFile readable;

  /** Guarded by the {@link DonatedFiles}. */
  @Nullable DonatedFile writable;

  /** Guarded by the {@link InodeCache}. */
  private boolean givenBack;

  InodeReference(GoferInode inode, ReferenceQueue<GoferInode> queue, InodeKey key, int handle) {
    super(inode, queue);
    this.key = key;
    this.handle = handle;
  }

  boolean isGivenBack() {
    return givenBack;
  }

  void setGivenBack() {
    givenBack = true;
  }

  InodeKey key() {
    return key;
  }

  int handle() {
    return handle;
  }
}
