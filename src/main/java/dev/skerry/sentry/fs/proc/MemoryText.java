package dev.skerry.sentry.fs.proc;

import dev.skerry.sentry.kernel.Kernel;

/**
 * What /proc tells of the system's memory: the sandbox's limit, and what its processes use of it.
 * There is no swap space.
 */
final class MemoryText {
  private static final int KEY_WIDTH = 16;
  private static final int VALUE_WIDTH = 8;
  private static final int PAGE_SHIFT = 12;

  /** The size of the upper half's vmalloc area on x86-64, in KiB. */
  private static final long VMALLOC_TOTAL = 34359738367L;

  private MemoryText() {}

  static String meminfo(Kernel kernel) {
    long total = kernel.memoryBytes() >> 10;
    long used = Math.min(kernel.usage().memoryBytes() >> 10, total);
    StringBuilder out = new StringBuilder(1400);
    line(out, "MemTotal", total);
    line(out, "MemFree", total - used);
    line(out, "MemAvailable", total - used);
    line(out, "Buffers", 0);
    line(out, "Cached", 0);
    line(out, "SwapCached", 0);
    line(out, "Active", used);
    line(out, "Inactive", 0);
    line(out, "Active(anon)", used);
    line(out, "Inactive(anon)", 0);
    line(out, "Active(file)", 0);
    line(out, "Inactive(file)", 0);
    line(out, "Unevictable", 0);
    line(out, "Mlocked", 0);
    line(out, "SwapTotal", 0);
    line(out, "SwapFree", 0);
    line(out, "Dirty", 0);
    line(out, "Writeback", 0);
    line(out, "AnonPages", used);
    line(out, "Mapped", 0);
    line(out, "Shmem", 0);
    line(out, "KReclaimable", 0);
    line(out, "Slab", 0);
    line(out, "SReclaimable", 0);
    line(out, "SUnreclaim", 0);
    line(out, "KernelStack", 0);
    line(out, "PageTables", 0);
    line(out, "NFS_Unstable", 0);
    line(out, "Bounce", 0);
    line(out, "WritebackTmp", 0);
    line(out, "CommitLimit", total / 2);
    line(out, "Committed_AS", used);
    line(out, "VmallocTotal", VMALLOC_TOTAL);
    line(out, "VmallocUsed", 0);
    line(out, "VmallocChunk", 0);
    line(out, "Percpu", 0);
    line(out, "AnonHugePages", 0);
    out.append("HugePages_Total:       0\n");
    out.append("HugePages_Free:        0\n");
    out.append("HugePages_Rsvd:        0\n");
    out.append("HugePages_Surp:        0\n");
    line(out, "Hugepagesize", 2048);
    line(out, "Hugetlb", 0);
    return out.toString();
  }

  private static void line(StringBuilder out, String key, long kibibytes) {
    int start = out.length();
    out.append(key).append(':');
    String value = Long.toString(kibibytes);
    while (out.length() - start < KEY_WIDTH + VALUE_WIDTH - value.length()) {
      out.append(' ');
    }
    out.append(value).append(" kB\n");
  }

  static String vmstat(Kernel kernel) {
    long total = kernel.memoryBytes() >> PAGE_SHIFT;
    long used = Math.min(kernel.usage().memoryBytes() >> PAGE_SHIFT, total);
    return "nr_free_pages "
        + (total - used)
        + "\nnr_anon_pages "
        + used
        + "\nnr_mapped 0\nnr_file_pages 0\nnr_dirty 0\nnr_writeback 0\nnr_shmem 0\n"
        + "pgpgin 0\npgpgout 0\npswpin 0\npswpout 0\n";
  }
}
