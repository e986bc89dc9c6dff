package dev.skerry.sentry.fs.gofer;

import dev.skerry.sentry.vfs.DirectoryEntry;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All names of one directory, and the files of those that are likely to be wanted next. */
final class KnownNames {
  /** readdir(3). */
  private static final int DT_DIR = 4;

  /** So many gaps are kept. */
  private static final int MOST_GAPS = 64;

  /** In the order of the listing, then of their making; null where a name is gone. */
  private List<@Nullable DirectoryEntry> entries;

  private int gaps;

  /** They came unasked, and nobody has listed the directory yet. */
  private boolean unused;

  /** They came unasked at first. */
  private final boolean unasked;

  /** Made when a name is first looked for. */
  private @Nullable Map<String, Integer> positions;

  /** Asked for in this pass over the directory. */
  private BitSet asked = new BitSet();

  /** Files that nobody has looked up yet. */
  private final Map<String, GoferInode> found = new HashMap<>(4);

  KnownNames(List<DirectoryEntry> entries, boolean unasked) {
    this.entries = new ArrayList<>(entries);
    this.unasked = unasked;
    unused = unasked;
  }

  boolean cameUnasked() {
    return unasked;
  }

  /** The directory is listed; tells whether that is for the first time, and came unasked. */
  boolean use() {
    boolean first = unused;
    unused = false;
    return first;
  }

  /** How much is kept. */
  int size() {
    return entries.size();
  }

  int foundCount() {
    return found.size();
  }

  List<DirectoryEntry> entries() {
    List<DirectoryEntry> names = new ArrayList<>(entries.size() - gaps);
    for (DirectoryEntry entry : entries) {
      if (entry != null) {
        names.add(entry);
      }
    }
    return names;
  }

  private Map<String, Integer> positions() {
    Map<String, Integer> known = positions;
    if (known == null) {
      known = HashMap.newHashMap(entries.size());
      for (int i = 0; i < entries.size(); i++) {
        DirectoryEntry entry = entries.get(i);
        if (entry != null) {
          known.put(entry.name(), i);
        }
      }
      positions = known;
    }
    return known;
  }

  /** Where the name is; -1 if it is not there. */
  int position(String name) {
    return positions().getOrDefault(name, -1);
  }

  /** The name's file, which is kept no longer. */
  @Nullable GoferInode take(String name) {
    return found.remove(name);
  }

  /** Keeps a file that nobody has looked up yet. */
  void keep(String name, GoferInode file) {
    int position = position(name);
    if (position >= 0) {
      asked.set(position);
      found.put(name, file);
    }
  }

  /** The same, of a name whose position is known from a listing that nothing has changed since. */
  void keepAt(int position, GoferInode file) {
    DirectoryEntry entry = entries.get(position);
    if (entry != null) {
      asked.set(position);
      found.put(entry.name(), file);
    }
  }

  /** The answer did not tell of the name. */
  void notAnswered(String name) {
    int position = position(name);
    if (position >= 0) {
      asked.clear(position);
    }
  }

  /** There is a file of this name now, and whoever made it knows it. */
  void add(DirectoryEntry made) {
    remove(made.name());
    positions().put(made.name(), entries.size());
    asked.set(entries.size());
    entries.add(made);
  }

  void remove(String name) {
    found.remove(name);
    Integer position = positions().remove(name);
    if (position != null) {
      entries.set(position, null);
      gaps++;
      if (gaps > MOST_GAPS && gaps > entries.size() / 2) {
        closeGaps();
      }
    }
  }

  private void closeGaps() {
    List<@Nullable DirectoryEntry> left = new ArrayList<>(entries.size() - gaps);
    BitSet askedThere = new BitSet();
    for (int i = 0; i < entries.size(); i++) {
      DirectoryEntry entry = entries.get(i);
      if (entry != null) {
        askedThere.set(left.size(), asked.get(i));
        left.add(entry);
      }
    }
    entries = left;
    asked = askedThere;
    gaps = 0;
    positions = null;
  }

  /**
   * The name at a position and some after it, around the end, that were not asked for: either
   * directories or others, as a program that walks a tree may look only into the former.
   */
  List<String> wanted(int first, int most) {
    if (asked.get(first)) {
      asked.clear();
    }
    boolean directories = isDirectory(first);
    int count = entries.size();
    List<String> wanted = new ArrayList<>(Math.min(most, count));
    for (int i = 0; i < count && wanted.size() < most; i++) {
      int position = (first + i) % count;
      DirectoryEntry entry = entries.get(position);
      if (entry != null
          && isDirectory(position) == directories
          && !asked.get(position)
          && !found.containsKey(entry.name())) {
        asked.set(position);
        wanted.add(entry.name());
      }
    }
    return wanted;
  }

  boolean isDirectory(int position) {
    DirectoryEntry entry = entries.get(position);
    return entry != null && entry.type() == DT_DIR;
  }
}
