package dev.skerry.sentry.fs.proc;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.Kernel;
import dev.skerry.sentry.kernel.UtsNamespace;
import dev.skerry.sentry.vfs.synthetic.GeneratedFile;

/** A file in the root of /proc, which tells of the system as a whole. */
final class SystemFile extends GeneratedFile {
  /** Those whose text is empty have nothing to list, as on a machine without such things. */
  static final String[] NAMES = {
    "cgroups",
    "cmdline",
    "cpuinfo",
    "devices",
    "diskstats",
    "filesystems",
    "interrupts",
    "kallsyms",
    "loadavg",
    "meminfo",
    "misc",
    "modules",
    "partitions",
    "stat",
    "swaps",
    "uptime",
    "version",
    "vmstat",
  };

  /** All controllers are in the unified hierarchy, which has the number 0. */
  private static final String CGROUPS =
      """
      #subsys_name	hierarchy	num_cgroups	enabled
      cpuset	0	1	1
      cpu	0	1	1
      cpuacct	0	1	1
      memory	0	1	1
      pids	0	1	1
      """;

  private static final String DEVICES =
      """
      Character devices:
        1 mem
        5 /dev/tty
        5 /dev/console
        5 /dev/ptmx
      136 pts

      Block devices:
      """;

  private final Kernel kernel;
  private final ProcFileSystem proc;
  private final String name;

  SystemFile(ProcFileSystem fileSystem, String name) {
    super(fileSystem, fileSystem.nextNumber(), 0444);
    this.kernel = fileSystem.kernel();
    this.proc = fileSystem;
    this.name = name;
  }

  @Override
  protected boolean opensForWriting() {
    return true;
  }

  @Override
  protected String text() throws ErrnoException {
    return switch (name) {
      case "cgroups" -> CGROUPS;
      case "cmdline" -> "\n";
      case "cpuinfo" -> ProcessorText.cpuinfo(kernel);
      case "devices" -> DEVICES;
      case "diskstats", "kallsyms", "misc", "modules" -> "";
      case "filesystems" -> String.join("\n", proc.types()) + "\n";
      case "interrupts" -> ProcessorText.interrupts(kernel);
      case "loadavg" -> loadavg();
      case "meminfo" -> MemoryText.meminfo(kernel);
      case "partitions" -> "major minor  #blocks  name\n\n";
      case "stat" -> ProcessorText.stat(kernel);
      case "swaps" -> "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n";
      case "uptime" -> uptime();
      case "version" -> version();
      case "vmstat" -> MemoryText.vmstat(kernel);
      default -> throw ErrnoException.of(Errno.ENOENT);
    };
  }

  /** As uname(2) tells it, with who built it between release and version. */
  private static String version() {
    return UtsNamespace.SYSNAME
        + " version "
        + UtsNamespace.RELEASE
        + " (skerry@skerry) (Skerry application kernel) "
        + UtsNamespace.VERSION
        + "\n";
  }

  private String uptime() {
    long up = kernel.uptime();
    long idle = Math.max(0, up * kernel.processors() - kernel.usage().cpuNanos());
    return Numbers.seconds(up) + " " + Numbers.seconds(idle) + "\n";
  }

  private String loadavg() {
    StringBuilder out = new StringBuilder();
    for (double load : kernel.usage().loadAverages()) {
      out.append(Numbers.hundredths(Math.round(load * 100))).append(' ');
    }
    return out.append(kernel.usage().running())
        .append('/')
        .append(kernel.tasks().liveCount())
        .append(' ')
        .append(kernel.tasks().lastPid())
        .append('\n')
        .toString();
  }
}
