package dev.skerry.sentry.fs.gofer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Files that were found with one message or made one after the other, neighbours in their
 * directory: when one is opened the others are likely to be opened next.
 */
final class Batch {
  /** As many as a long has bits. */
  private static final int MOST = 64;

  @GuardedBy("this")
  private final List<InodeReference> files = new ArrayList<>();

  /** A bit for each file that was opened since the last pass over them began. */
  @GuardedBy("this")
  private long opened;

  /** Tells the regular files that they belong together. */
  static void of(@Nullable GoferInode[] found) {
    Batch batch = new Batch();
    for (GoferInode file : found) {
      if (file != null) {
        batch = batch.with(file);
      }
    }
  }

  /**
   * Adds a file, if it is a regular one, to the batch or, if that is full, to another, which is
   * given back.
   */
  Batch with(GoferInode file) {
    if (!file.isRegular()) {
      return this;
    }
    synchronized (this) {
      if (files.size() < MOST) {
        files.add(file.reference());
        file.foundIn(this);
        return this;
      }
    }
    return new Batch().with(file);
  }

  /** The file, and others to open with it. */
  List<GoferInode> toOpen(GoferInode file, DonatedFiles donated) {
    List<GoferInode> together = new ArrayList<>();
    together.add(file);
    int most = donated.window().size();
    synchronized (this) {
      int position = Math.max(files.indexOf(file.reference()), 0);
      opened = (opened & 1L << position) != 0 ? 1L << position : opened | 1L << position;
      for (int i = 1; i < files.size() && together.size() < most; i++) {
        int next = (position + i) % files.size();
        GoferInode neighbour = files.get(next).get();
        if ((opened & 1L << next) == 0 && neighbour != null && !donated.has(files.get(next))) {
          opened |= 1L << next;
          together.add(neighbour);
        }
      }
    }
    donated.window().fetched(together.size() - 1);
    return together;
  }
}
