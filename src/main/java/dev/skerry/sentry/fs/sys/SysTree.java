package dev.skerry.sentry.fs.sys;

import dev.skerry.sentry.kernel.Kernel;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All names below /sys by their paths. The processors are those of one package without cores that
 * share anything; the memory is one node.
 */
final class SysTree {
  /** What a name is. */
  enum Kind {
    DIRECTORY,
    FILE,
    LINK,
    /** What of the node's memory is in use. */
    MEMORY
  }

  /**
   * @param value text, or target of a link; else empty
   */
  record Node(Kind kind, String value) {}

  private static final String[] DIRECTORIES = {
    "block",
    "bus",
    "class",
    "class/net",
    "dev",
    "dev/block",
    "dev/char",
    "devices",
    "devices/system",
    "devices/virtual",
    "devices/virtual/net",
    "firmware",
    "fs",
    "fs/cgroup",
    "kernel",
    "kernel/mm",
    "kernel/mm/hugepages",
    "module",
    "power",
  };

  private static final String[] LOOPBACK = {
    "addr_assign_type", "0",
    "addr_len", "6",
    "address", "00:00:00:00:00:00",
    "broadcast", "00:00:00:00:00:00",
    "carrier", "1",
    "dev_id", "0x0",
    "flags", "0x9",
    "ifalias", "",
    "ifindex", "1",
    "iflink", "1",
    "link_mode", "0",
    "mtu", "65536",
    "operstate", "unknown",
    "tx_queue_len", "1000",
    "type", "772",
    "uevent", "INTERFACE=lo\nIFINDEX=1",
  };

  /** Nothing is merged, whatever is advised. */
  private static final String[] SAME_PAGES = {
    "full_scans", "0",
    "max_page_sharing", "256",
    "merge_across_nodes", "1",
    "pages_shared", "0",
    "pages_sharing", "0",
    "pages_to_scan", "100",
    "pages_unshared", "0",
    "pages_volatile", "0",
    "run", "0",
    "sleep_millisecs", "20",
    "stable_node_chains", "0",
    "stable_node_chains_prune_millisecs", "2000",
    "stable_node_dups", "0",
    "use_zero_pages", "0",
  };

  private static final String NODE_STATISTICS =
      "numa_hit 0\nnuma_miss 0\nnuma_foreign 0\ninterleave_hit 0\nlocal_node 0\nother_node 0";

  private static final String LOOPBACK_PATH = "devices/virtual/net/lo/";
  private static final String HUGE_PAGES = "kernel/mm/transparent_hugepage/";
  private static final String PROCESSORS = "devices/system/cpu/";
  private static final String NODES = "devices/system/node/";

  private final Kernel kernel;
  private @Nullable Map<String, Node> nodes;

  SysTree(Kernel kernel) {
    this.kernel = kernel;
  }

  /** The nodes, made when they are asked for the first time. */
  synchronized Map<String, Node> nodes() {
    Map<String, Node> present = nodes;
    if (present == null) {
      present = new LinkedHashMap<>();
      make(present);
      nodes = present;
    }
    return present;
  }

  private void make(Map<String, Node> all) {
    for (String path : DIRECTORIES) {
      all.put(path, new Node(Kind.DIRECTORY, ""));
    }
    all.put("class/net/lo", new Node(Kind.LINK, "../../devices/virtual/net/lo"));
    files(all, LOOPBACK_PATH, LOOPBACK);
    files(all, "kernel/mm/ksm/", SAME_PAGES);
    file(all, HUGE_PAGES + "enabled", "always [madvise] never");
    file(all, HUGE_PAGES + "defrag", "always defer defer+madvise [madvise] never");
    file(all, HUGE_PAGES + "hpage_pmd_size", "2097152");
    file(all, HUGE_PAGES + "shmem_enabled", "always within_size advise [never] deny force");
    file(all, "kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "0");
    file(all, "kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "0");
    processors(all);
    file(all, NODES + "online", "0");
    file(all, NODES + "possible", "0");
    file(all, NODES + "has_cpu", "0");
    file(all, NODES + "has_memory", "0");
    file(all, NODES + "has_normal_memory", "0");
    file(all, NODES + "has_generic_initiator", "");
    file(all, NODES + "node0/cpulist", range());
    file(all, NODES + "node0/cpumap", mask(kernel.processors()));
    file(all, NODES + "node0/distance", "10");
    file(all, NODES + "node0/numastat", NODE_STATISTICS);
    all.put(NODES + "node0/meminfo", new Node(Kind.MEMORY, ""));
    for (int i = 0; i < kernel.processors(); i++) {
      all.put(NODES + "node0/cpu" + i, new Node(Kind.LINK, "../../cpu/cpu" + i));
      all.put(PROCESSORS + "cpu" + i + "/node0", new Node(Kind.LINK, "../../node/node0"));
    }
  }

  /** As /proc/meminfo has it, for the one node. */
  String memory() {
    long total = kernel.memoryBytes() >> 10;
    long used = Math.min(kernel.usage().memoryBytes() >> 10, total);
    StringBuilder out = new StringBuilder();
    line(out, "MemTotal", total);
    line(out, "MemFree", total - used);
    line(out, "MemUsed", used);
    line(out, "Active", used);
    line(out, "Inactive", 0);
    line(out, "Active(anon)", used);
    line(out, "Inactive(anon)", 0);
    line(out, "Active(file)", 0);
    line(out, "Inactive(file)", 0);
    line(out, "Dirty", 0);
    line(out, "Writeback", 0);
    line(out, "FilePages", 0);
    line(out, "Mapped", 0);
    line(out, "AnonPages", used);
    line(out, "Shmem", 0);
    line(out, "Slab", 0);
    return out.append("Node 0 HugePages_Total:     0\n")
        .append("Node 0 HugePages_Free:      0\n")
        .append("Node 0 HugePages_Surp:      0\n")
        .toString();
  }

  private static void line(StringBuilder out, String key, long kibibytes) {
    String value = Long.toString(kibibytes);
    out.append("Node 0 ").append(key).append(':');
    out.append(" ".repeat(Math.max(1, 23 - key.length() - value.length())));
    out.append(value).append(" kB\n");
  }

  private static void files(Map<String, Node> all, String prefix, String[] namesAndTexts) {
    for (int i = 0; i < namesAndTexts.length; i += 2) {
      file(all, prefix + namesAndTexts[i], namesAndTexts[i + 1]);
    }
  }

  private static void file(Map<String, Node> all, String path, String text) {
    all.put(path, new Node(Kind.FILE, text + "\n"));
  }

  private void processors(Map<String, Node> all) {
    file(all, PROCESSORS + "online", range());
    file(all, PROCESSORS + "possible", range());
    file(all, PROCESSORS + "present", range());
    file(all, PROCESSORS + "offline", "");
    file(all, PROCESSORS + "isolated", "");
    file(all, PROCESSORS + "kernel_max", "8191");
    for (int i = 0; i < kernel.processors(); i++) {
      String topology = PROCESSORS + "cpu" + i + "/topology/";
      String own = Integer.toString(i);
      String bit = bit(i);
      file(all, topology + "physical_package_id", "0");
      file(all, topology + "die_id", "0");
      file(all, topology + "core_id", own);
      file(all, topology + "core_cpus", bit);
      file(all, topology + "core_cpus_list", own);
      file(all, topology + "thread_siblings", bit);
      file(all, topology + "thread_siblings_list", own);
      file(all, topology + "core_siblings", mask(kernel.processors()));
      file(all, topology + "core_siblings_list", range());
      file(all, topology + "package_cpus", mask(kernel.processors()));
      file(all, topology + "package_cpus_list", range());
      if (i > 0) {
        file(all, PROCESSORS + "cpu" + i + "/online", "1");
      }
    }
  }

  private String range() {
    int last = kernel.processors() - 1;
    return last == 0 ? "0" : "0-" + last;
  }

  private static String mask(int count) {
    return words(count, -1);
  }

  private static String bit(int index) {
    return words(index + 1, index);
  }

  /**
   * A bit set in groups of 32 bits, the highest first.
   *
   * @param count how many bits it has
   * @param only the one bit that is set; -1 for all
   */
  private static String words(int count, int only) {
    StringBuilder out = new StringBuilder();
    for (int word = (count - 1) / 32; word >= 0; word--) {
      int bits = Math.min(32, count - 32 * word);
      long value = bits == 32 ? 0xffff_ffffL : (1L << bits) - 1;
      if (only >= 0) {
        value = only / 32 == word ? 1L << only % 32 : 0;
      }
      String digits = Long.toHexString(value);
      if (!out.isEmpty()) {
        out.append(',').append("0".repeat(8 - digits.length()));
      }
      out.append(digits);
    }
    return out.toString();
  }
}
