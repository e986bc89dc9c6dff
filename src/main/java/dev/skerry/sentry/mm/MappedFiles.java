package dev.skerry.sentry.mm;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The files that are mapped in an address space, or were: those that are not any more are forgotten
 * when there are many. Forks share the table until one of them maps another file. Guarded by its
 * {@link MemoryManager}.
 */
final class MappedFiles {
  /** So many a process may have mapped at a time, so that none can fill the heap. */
  private static final int MOST = 4096;

  private static final int FIRST_PRUNING = 256;

  private Map<HostFileId, MappedFile> files;
  private boolean shared;
  private boolean noExec;
  private int pruneAt = FIRST_PRUNING;

  MappedFiles() {
    files = new HashMap<>();
  }

  MappedFiles(MappedFiles from) {
    files = from.files;
    noExec = from.noExec;
    pruneAt = from.pruneAt;
    shared = true;
    from.shared = true;
  }

  @Nullable MappedFile get(HostFileId id) {
    return files.get(id);
  }

  /** Whether any file was mapped that may not be executable. */
  boolean haveNoExec() {
    return noExec;
  }

  boolean shouldPrune() {
    return files.size() >= pruneAt;
  }

  /** Forgets all but the files of these mappings. */
  void prune(HostMapping[] mappings) {
    Set<HostFileId> mapped = new HashSet<>();
    for (HostMapping mapping : mappings) {
      mapped.add(mapping.file());
    }
    Map<HostFileId, MappedFile> kept = new HashMap<>();
    files.forEach(
        (id, file) -> {
          if (mapped.contains(id)) {
            kept.put(id, file);
          }
        });
    files = kept;
    shared = false;
    pruneAt = Math.max(FIRST_PRUNING, 2 * kept.size());
  }

  /** Adds a file; returns false if there are too many. */
  boolean add(HostFileId id, MappedFile file) {
    MappedFile present = files.get(id);
    if (present != null && (present.noExec() || !file.noExec())) {
      return true;
    }
    if (present == null && files.size() >= MOST) {
      return false;
    }
    if (shared) {
      files = new HashMap<>(files);
      shared = false;
    }
    files.put(id, file);
    noExec |= file.noExec();
    return true;
  }
}
