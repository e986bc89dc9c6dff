package dev.skerry.sentry.fs.proc;

import dev.skerry.sentry.kernel.Kernel;
import dev.skerry.sentry.slab.Slab;

/**
 * What /proc tells of pages: buddyinfo, pagetypeinfo, zoneinfo and slabinfo. The sandbox's memory
 * is one zone, and what is free of it lies together.
 */
final class ZoneText {
  private static final int ORDERS = 11;
  private static final int PAGE_SHIFT = 12;
  private static final int BLOCK_PAGES = 512;
  private static final String[] TYPES = {
    "Unmovable", "Movable", "Reclaimable", "HighAtomic", "Isolate"
  };

  private ZoneText() {}

  private static long pages(Kernel kernel) {
    return kernel.memoryBytes() >> PAGE_SHIFT;
  }

  private static long freePages(Kernel kernel) {
    return Math.max(0, pages(kernel) - (kernel.usage().memoryBytes() >> PAGE_SHIFT));
  }

  /** How many free blocks of 2^order pages there are. */
  private static long blocks(Kernel kernel, int order) {
    long free = freePages(kernel);
    return order == ORDERS - 1 ? free >> order : free >> order & 1;
  }

  private static void padded(StringBuilder out, Object value, int width) {
    String text = value.toString();
    out.append(" ".repeat(Math.max(0, width - text.length()))).append(text);
  }

  static String buddies(Kernel kernel) {
    StringBuilder out = new StringBuilder("Node 0, zone   Normal ");
    for (int order = 0; order < ORDERS; order++) {
      padded(out, blocks(kernel, order), 6);
      out.append(' ');
    }
    return out.append('\n').toString();
  }

  static String pageTypes(Kernel kernel) {
    StringBuilder out = new StringBuilder("Page block order: 9\nPages per block:  512\n\n");
    out.append("Free pages count per migrate type at order ");
    for (int order = 0; order < ORDERS; order++) {
      padded(out, order, 6);
      out.append(' ');
    }
    for (String type : TYPES) {
      out.append("\nNode    0, zone   Normal, type ");
      padded(out, type, 12);
      out.append(' ');
      for (int order = 0; order < ORDERS; order++) {
        padded(out, type.equals("Movable") ? blocks(kernel, order) : 0, 6);
        out.append(' ');
      }
    }
    out.append("\n\nNumber of blocks type ");
    for (String type : TYPES) {
      padded(out, type, 12);
      out.append(' ');
    }
    out.append("\nNode 0, zone   Normal ");
    for (String type : TYPES) {
      padded(out, type.equals("Movable") ? pages(kernel) / BLOCK_PAGES : 0, 12);
      out.append(' ');
    }
    return out.append('\n').toString();
  }

  private static void line(StringBuilder out, String name, long value) {
    out.append("        ").append(name).append(" ".repeat(Math.max(1, 9 - name.length())));
    out.append(value).append('\n');
  }

  static String zone(Kernel kernel) {
    long all = pages(kernel);
    long free = freePages(kernel);
    StringBuilder out = new StringBuilder("Node 0, zone   Normal\n  per-node stats\n");
    out.append("      nr_inactive_anon 0\n      nr_active_anon ").append(all - free);
    out.append("\n      nr_inactive_file 0\n      nr_active_file 0\n      nr_unevictable 0\n");
    out.append("      nr_anon_pages ").append(all - free);
    out.append("\n      nr_mapped    0\n      nr_file_pages 0\n      nr_dirty     0\n");
    out.append("      nr_writeback 0\n      nr_shmem     0\n  pages free     ").append(free);
    out.append('\n');
    line(out, "boost", 0);
    line(out, "min", 0);
    line(out, "low", 0);
    line(out, "high", 0);
    line(out, "spanned", all);
    line(out, "present", all);
    line(out, "managed", all);
    line(out, "cma", 0);
    out.append("        protection: (0)\n      nr_free_pages ").append(free);
    out.append("\n      nr_zone_inactive_anon 0\n      nr_zone_active_anon ").append(all - free);
    out.append("\n      nr_zone_inactive_file 0\n      nr_zone_active_file 0\n");
    return out.append("  node_unreclaimable:  0\n  start_pfn:           0\n").toString();
  }

  /** /proc/slabinfo: the sentry's small objects, each in a slab of its own. */
  static String slabs() {
    StringBuilder out = new StringBuilder("slabinfo - version: 2.1\n");
    out.append("# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab>");
    out.append(" : tunables <limit> <batchcount> <sharedfactor> : slabdata <active_slabs>");
    out.append(" <num_slabs> <sharedavail>\n");
    for (Slab kind : Slab.values()) {
      out.append(kind.label()).append(" ".repeat(Math.max(0, 17 - kind.label().length())));
      for (int i = 0; i < 2; i++) {
        out.append(' ');
        padded(out, kind.count(), 6);
      }
      out.append(' ');
      padded(out, Math.max(kind.size(), 8), 6);
      out.append("    1    1 : tunables    0    0    0 : slabdata ");
      for (int i = 0; i < 2; i++) {
        padded(out, kind.count(), 6);
        out.append(' ');
      }
      out.append("     0\n");
    }
    return out.toString();
  }
}
