package dev.skerry.sentry.fs.gofer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Files that were found with one message, neighbours in their directory: when one is opened the
 * others are likely to be opened next.
 */
final class Batch {
  private final InodeReference[] files;

  /** A bit for each file that was opened since the last pass over them began. */
  @GuardedBy("this")
  private long opened;

  private Batch(InodeReference[] files) {
    this.files = files;
  }

  /** Tells the regular files of up to 64 that they belong together. */
  static void of(@Nullable GoferInode[] found) {
    List<InodeReference> files = new ArrayList<>(found.length);
    for (GoferInode file : found) {
      if (file != null && file.isRegular()) {
        files.add(file.reference());
      }
    }
    if (files.size() < 2) {
      return;
    }
    Batch batch = new Batch(files.toArray(new InodeReference[0]));
    for (GoferInode file : found) {
      if (file != null && file.isRegular()) {
        file.foundIn(batch);
      }
    }
  }

  /** The file, and others to open with it. */
  List<GoferInode> toOpen(GoferInode file, DonatedFiles donated) {
    List<GoferInode> together = new ArrayList<>();
    together.add(file);
    int most = donated.window().size();
    int position = 0;
    while (position < files.length && files[position] != file.reference()) {
      position++;
    }
    synchronized (this) {
      opened = (opened & 1L << position) != 0 ? 1L << position : opened | 1L << position;
      for (int i = 1; i < files.length && together.size() < most; i++) {
        int next = (position + i) % files.length;
        GoferInode neighbour = files[next].get();
        if ((opened & 1L << next) == 0 && neighbour != null && !donated.has(files[next])) {
          opened |= 1L << next;
          together.add(neighbour);
        }
      }
    }
    donated.window().fetched(together.size() - 1);
    return together;
  }
}
