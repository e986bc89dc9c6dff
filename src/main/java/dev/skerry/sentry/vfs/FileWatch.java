package dev.skerry.sentry.vfs;

import org.jspecify.annotations.Nullable;

/**
 * Somebody's wish to know what happens to a file, or under the names of a directory. Linux: struct
 * fsnotify_mark.
 */
public interface FileWatch {
  /**
   * Something happened. Called with locks of this package held, so it takes leaf locks alone and
   * waits for nothing.
   *
   * @param events bits of {@link FileEvents}
   * @param name the name in the watched directory; null if it happened to the watched file itself
   * @param cookie the same for both sides of a rename; else 0
   * @param unlinked whether it was done through an open file whose name is gone
   */
  void happened(int events, @Nullable String name, int cookie, boolean unlinked);

  /** The file is no more. The watch was taken off. */
  void ended();
}
