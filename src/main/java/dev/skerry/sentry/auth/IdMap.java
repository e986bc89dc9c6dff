package dev.skerry.sentry.auth;

import org.jspecify.annotations.Nullable;

/**
 * Which ids of a user namespace stand for which ids of the sandbox (user_namespaces(7)). Ids are
 * unsigned; -1 is none. Immutable. Linux: struct uid_gid_map.
 */
public final class IdMap {
  /** UID_GID_MAP_MAX_EXTENTS. */
  public static final int MOST_EXTENTS = 340;

  /** Every id stands for itself. */
  static final IdMap IDENTITY = new IdMap(new int[] {0}, new int[] {0}, new int[] {-1});

  /** No id stands for anything. */
  static final IdMap EMPTY = new IdMap(new int[0], new int[0], new int[0]);

  private final int[] first;
  private final int[] lower;
  private final int[] count;

  /**
   * @param first the ids inside that ranges begin with
   * @param lower the ids outside that they stand for
   * @param count how many follow each other, at least 1
   */
  IdMap(int[] first, int[] lower, int[] count) {
    this.first = first;
    this.lower = lower;
    this.count = count;
  }

  int extents() {
    return first.length;
  }

  int first(int extent) {
    return first[extent];
  }

  int lower(int extent) {
    return lower[extent];
  }

  int count(int extent) {
    return count[extent];
  }

  boolean isEmpty() {
    return first.length == 0;
  }

  /** The id outside for one inside, or -1. */
  int down(int id) {
    return this == IDENTITY ? id : map(id, first, lower);
  }

  /** The id inside for one outside, or -1. */
  int up(int id) {
    return this == IDENTITY ? id : map(id, lower, first);
  }

  private int map(int id, int[] from, int[] to) {
    if (id == -1) {
      return -1;
    }
    for (int i = 0; i < from.length; i++) {
      int offset = id - from[i];
      if (Integer.compareUnsigned(id, from[i]) >= 0
          && Integer.compareUnsigned(offset, count[i]) < 0) {
        return to[i] + offset;
      }
    }
    return -1;
  }

  /**
   * This map, whose outer ids are those of a namespace, with the sandbox's instead; null if one of
   * the ranges is not mapped there as a whole.
   */
  @Nullable IdMap through(IdMap parent) {
    int[] mapped = new int[lower.length];
    for (int i = 0; i < lower.length; i++) {
      mapped[i] = parent.downRange(lower[i], count[i]);
      if (mapped[i] == -1) {
        return null;
      }
    }
    return new IdMap(first, mapped, count);
  }

  private int downRange(int id, int length) {
    if (this == IDENTITY) {
      return id;
    }
    for (int i = 0; i < first.length; i++) {
      int offset = id - first[i];
      long end = Integer.toUnsignedLong(offset) + Integer.toUnsignedLong(length);
      if (Integer.compareUnsigned(id, first[i]) >= 0 && end <= Integer.toUnsignedLong(count[i])) {
        return lower[i] + offset;
      }
    }
    return -1;
  }
}
