package dev.skerry.sentry.fs.overlay;

import dev.skerry.sentry.vfs.DirectoryEntry;
import dev.skerry.sentry.vfs.MemoryAccount;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * In what the names of one directory differ from the lower one's. Guarded by the overlay's tree.
 */
final class Names {
  /** About what a name takes on the heap, besides its characters. */
  private static final int NAME_BYTES = 192;

  private static final int TYPE_SHIFT = 12;

  private final Map<String, OverlayInode> added = new LinkedHashMap<>();

  /** Names of the lower directory that do not show, or another file has. Linux: whiteouts. */
  private final Set<String> hidden = new HashSet<>();

  Map<String, OverlayInode> added() {
    return added;
  }

  Set<String> hidden() {
    return hidden;
  }

  @Nullable OverlayInode added(String name) {
    return added.get(name);
  }

  boolean hides(String name) {
    return hidden.contains(name);
  }

  /** Gives a name that is free, in this directory as in the lower one unless hidden there. */
  void put(String name, OverlayInode file) {
    MemoryAccount.RECORDS.charge(cost(name));
    added.put(name, file);
  }

  /** Takes a name out, which is there. */
  void take(String name) {
    if (added.remove(name) != null) {
      MemoryAccount.RECORDS.give(cost(name));
    } else if (hidden.add(name)) {
      MemoryAccount.RECORDS.charge(cost(name));
    }
  }

  /** Whether no name is left, of these and of the lower directory's. */
  boolean isEmpty(List<DirectoryEntry> lower) {
    if (!added.isEmpty()) {
      return false;
    }
    for (DirectoryEntry entry : lower) {
      if (!hidden.contains(entry.name())) {
        return false;
      }
    }
    return true;
  }

  List<DirectoryEntry> merge(List<DirectoryEntry> lower) {
    List<DirectoryEntry> merged = new ArrayList<>(lower.size() + added.size());
    for (DirectoryEntry entry : lower) {
      if (!hidden.contains(entry.name())) {
        merged.add(entry);
      }
    }
    for (Map.Entry<String, OverlayInode> entry : added.entrySet()) {
      OverlayInode file = entry.getValue();
      merged.add(new DirectoryEntry(entry.getKey(), file.number(), file.type() >>> TYPE_SHIFT));
    }
    return merged;
  }

  void clear() {
    for (String name : added.keySet()) {
      MemoryAccount.RECORDS.give(cost(name));
    }
    for (String name : hidden) {
      MemoryAccount.RECORDS.give(cost(name));
    }
    added.clear();
    hidden.clear();
  }

  private static long cost(String name) {
    return (long) NAME_BYTES + name.length();
  }
}
