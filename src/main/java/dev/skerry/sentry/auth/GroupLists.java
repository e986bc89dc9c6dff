package dev.skerry.sentry.auth;

import dev.skerry.sentry.slab.CollectedSpace;

/**
 * Bounds what long lists of groups take of the heap, 256 KiB each. Linux: struct group_info, which
 * counts as kernel memory.
 */
public final class GroupLists {
  /** Shorter lists are small beside the task that has them. */
  private static final int SHORT = 64;

  /** Ids in all lists: 32 MiB. */
  private static final CollectedSpace IDS = new CollectedSpace(8 << 20);

  private GroupLists() {}

  /** Counts a list until it is collected; returns whether there was room for it. */
  public static boolean keep(int[] groups) {
    return groups.length <= SHORT || IDS.keep(groups, groups.length);
  }
}
