package dev.skerry.sentry.mm;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The policies of parts of an address space (mbind(2)). Immutable, so that forks share them. */
final class MemoryPolicies {
  static final MemoryPolicies NONE = new MemoryPolicies(List.of());

  /** So many parts a process may have, so that none can fill the heap. */
  private static final int MOST = 1024;

  private record Part(long start, long end, MemoryPolicy policy) {}

  /** In the order of addresses. */
  private final List<Part> parts;

  private MemoryPolicies(List<Part> parts) {
    this.parts = parts;
  }

  /** The policy of a page; null if it has none. */
  @Nullable MemoryPolicy at(long address) {
    for (Part part : parts) {
      if (part.start() <= address && address < part.end()) {
        return part.policy();
      }
    }
    return null;
  }

  /** The policies that some page of a range has. */
  List<MemoryPolicy> within(long start, long end) {
    List<MemoryPolicy> found = new ArrayList<>();
    for (Part part : parts) {
      if (part.start() < end && start < part.end()) {
        found.add(part.policy());
      }
    }
    return found;
  }

  /**
   * The same with another policy for a range.
   *
   * @param policy null for none
   * @return null if there are too many parts
   */
  @Nullable MemoryPolicies with(long start, long end, @Nullable MemoryPolicy policy) {
    List<Part> all = new ArrayList<>();
    for (Part part : parts) {
      if (part.start() < start) {
        all.add(new Part(part.start(), Math.min(part.end(), start), part.policy()));
      }
    }
    if (policy != null) {
      all.add(new Part(start, end, policy));
    }
    for (Part part : parts) {
      if (part.end() > end) {
        all.add(new Part(Math.max(part.start(), end), part.end(), part.policy()));
      }
    }
    return all.size() > MOST ? null : new MemoryPolicies(all);
  }

  /** The same without policies in a range; where that would make too many parts, without any. */
  MemoryPolicies without(long start, long end) {
    if (within(start, end).isEmpty()) {
      return this;
    }
    MemoryPolicies rest = with(start, end, null);
    return rest == null ? NONE : rest;
  }

  /** The same after a range has been moved. */
  MemoryPolicies moved(long from, long to, long length) {
    MemoryPolicies moved = without(to, to + length);
    for (Part part : parts) {
      long start = Math.max(part.start(), from);
      long end = Math.min(part.end(), from + length);
      if (start < end) {
        MemoryPolicies next = moved.with(start - from + to, end - from + to, part.policy());
        moved = next == null ? moved : next;
      }
    }
    return moved;
  }
}
