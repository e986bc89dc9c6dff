package dev.skerry.sentry.mm;

/**
 * Where pages are to come from (numa(7)): from the one node that there is. Linux: struct mempolicy.
 *
 * @param mode an MPOL_ number with its flags
 * @param nodes a bit set
 */
public record MemoryPolicy(int mode, long nodes) {
  public static final int DEFAULT = 0;
  public static final int PREFERRED = 1;
  public static final int BIND = 2;
  public static final int INTERLEAVE = 3;
  public static final int LOCAL = 4;
  public static final int PREFERRED_MANY = 5;
  public static final int WEIGHTED_INTERLEAVE = 6;
  public static final int RELATIVE_NODES = 1 << 14;
  public static final int STATIC_NODES = 1 << 15;
  public static final int FLAGS = STATIC_NODES | RELATIVE_NODES;

  private static final String[] NAMES = {
    "default", "prefer", "bind", "interleave", "local", "prefer (many)", "weighted interleave",
  };

  /** The mode without its flags. */
  public int kind() {
    return mode & ~FLAGS;
  }

  /** As /proc/PID/numa_maps shows it (mpol_to_str()). */
  String text() {
    String flag =
        (mode & STATIC_NODES) != 0 ? "=static" : (mode & RELATIVE_NODES) != 0 ? "=relative" : "";
    return NAMES[kind()] + flag + (nodes == 0 ? "" : ":0");
  }
}
