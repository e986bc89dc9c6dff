package dev.skerry.sentry.fs.gofer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.skerry.goferproto.Limits;
import dev.skerry.sentry.vfs.DirectoryEntry;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is known of names before they are asked for, where nobody but the sentry changes them: of a
 * directory that was listed, which names there are, and the files of those that are likely to be
 * looked up next.
 */
final class NamesAhead {
  /** Of all directories together. */
  private static final int MOST_NAMES = 32_768;

  private static final int MOST_DIRECTORIES = 512;
  private static final int MOST_FOUND = 1024;
  private static final float LOAD = 0.75f;

  /** readdir(3). */
  private static final int DT_DIR = 4;

  /**
   * What is known of a name: the file, or that there is none, or what to ask the gofer for.
   *
   * @param names empty, or the name and others that are wanted soon
   */
  record Answer(List<String> names, @Nullable GoferInode inode) {
    static final Answer NONE = new Answer(List.of(), null);
  }

  private static final class Names {
    final List<DirectoryEntry> entries;
    final Map<String, Integer> positions;

    /** Asked for in this pass over the directory. */
    final BitSet asked = new BitSet();

    /** Files that nobody has looked up yet. */
    final Map<String, GoferInode> found = new HashMap<>();

    Names(List<DirectoryEntry> entries) {
      this.entries = entries;
      positions = HashMap.newHashMap(entries.size());
      for (int i = 0; i < entries.size(); i++) {
        positions.put(entries.get(i).name(), i);
      }
    }
  }

  private final AheadWindow window = new AheadWindow(Limits.FIND);

  /** The least recently used first. */
  @GuardedBy("this")
  private final LinkedHashMap<GoferDirectory, Names> directories =
      new LinkedHashMap<>(16, LOAD, true);

  @GuardedBy("this")
  private int nameCount;

  @GuardedBy("this")
  private int foundCount;

  /** What is known of the name; null if nothing is. */
  synchronized @Nullable Answer find(GoferDirectory directory, String name) {
    Names names = directories.get(directory);
    if (names == null) {
      return null;
    }
    GoferInode file = names.found.remove(name);
    if (file != null) {
      foundCount--;
      window.used();
      return new Answer(List.of(), file);
    }
    Integer position = names.positions.get(name);
    return position == null ? Answer.NONE : new Answer(wanted(names, position), null);
  }

  /**
   * The name at a position and some after it, around the end, that were not asked for: either
   * directories or others, as a program that walks a tree may look only into the former.
   */
  private List<String> wanted(Names names, int first) {
    if (names.asked.get(first)) {
      names.asked.clear();
    }
    int count = names.entries.size();
    int most = window.size();
    boolean directories = names.entries.get(first).type() == DT_DIR;
    List<String> wanted = new ArrayList<>(Math.min(most, count));
    for (int i = 0; i < count && wanted.size() < most; i++) {
      int position = (first + i) % count;
      DirectoryEntry entry = names.entries.get(position);
      if ((entry.type() == DT_DIR) == directories
          && !names.asked.get(position)
          && !names.found.containsKey(entry.name())) {
        names.asked.set(position);
        wanted.add(entry.name());
      }
    }
    window.fetched(wanted.size() - 1);
    return wanted;
  }

  /**
   * Keeps the files that were found for some names, but for the first.
   *
   * @param since what the directory's changes were before the gofer was asked
   */
  void found(
      GoferDirectory directory, List<String> wanted, @Nullable GoferInode[] files, int since) {
    Batch.of(files);
    synchronized (this) {
      Names names = directories.get(directory);
      if (names == null || directory.changes() != since) {
        return;
      }
      for (int i = 1; i < files.length; i++) {
        GoferInode file = files[i];
        if (file != null && names.found.put(wanted.get(i), file) == null) {
          foundCount++;
        }
      }
      shrink();
    }
  }

  /** Keeps the names of a directory. */
  synchronized void listed(GoferDirectory directory, List<DirectoryEntry> entries, int since) {
    if (entries.size() > MOST_NAMES || directory.changes() != since) {
      return;
    }
    forget(directory);
    directories.put(directory, new Names(entries));
    nameCount += entries.size();
    shrink();
  }

  @GuardedBy("this")
  private void shrink() {
    Iterator<Map.Entry<GoferDirectory, Names>> oldest = directories.entrySet().iterator();
    while (nameCount > MOST_NAMES
        || foundCount > MOST_FOUND
        || directories.size() > MOST_DIRECTORIES) {
      Names names = oldest.next().getValue();
      oldest.remove();
      nameCount -= names.entries.size();
      foundCount -= names.found.size();
    }
  }

  /** Nothing is known of the directory any more. */
  synchronized void forget(GoferDirectory directory) {
    Names names = directories.remove(directory);
    if (names != null) {
      nameCount -= names.entries.size();
      foundCount -= names.found.size();
    }
  }

  synchronized void clear() {
    directories.clear();
    nameCount = 0;
    foundCount = 0;
  }
}
