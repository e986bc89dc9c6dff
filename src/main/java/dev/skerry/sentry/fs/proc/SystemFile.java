package dev.skerry.sentry.fs.proc;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.Kernel;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.kernel.UtsNamespace;
import dev.skerry.sentry.vfs.Changes;
import dev.skerry.sentry.vfs.synthetic.GeneratedFile;
import dev.skerry.sentry.waiter.Events;

/** A file in the root of /proc, which tells of the system as a whole. */
final class SystemFile extends GeneratedFile {
  /** Those whose text is empty have nothing to list, as on a machine without such things. */
  static final String[] NAMES = {
    "buddyinfo",
    "cgroups",
    "cmdline",
    "consoles",
    "cpuinfo",
    "crypto",
    "devices",
    "diskstats",
    "execdomains",
    "filesystems",
    "interrupts",
    "iomem",
    "ioports",
    "kallsyms",
    "loadavg",
    "locks",
    "meminfo",
    "misc",
    "modules",
    "pagetypeinfo",
    "partitions",
    "slabinfo",
    "softirqs",
    "stat",
    "swaps",
    "uptime",
    "version",
    "vmallocinfo",
    "vmstat",
    "zoneinfo",
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
      128 ptm
      136 pts

      Block devices:
      """;

  private static final String TERMINALS =
      """
      /dev/tty             /dev/tty        5       0 system:/dev/tty
      /dev/console         /dev/console    5       1 system:console
      /dev/ptmx            /dev/ptmx       5       2 system
      pty_slave            /dev/pts      136 0-1048575 pty:slave
      pty_master           /dev/ptm      128 0-1048575 pty:master
      """;

  private final Kernel kernel;
  private final ProcFileSystem proc;
  private final String name;

  SystemFile(ProcFileSystem fileSystem, String name) {
    super(fileSystem, fileSystem.nextNumber(), permissions(name));
    this.kernel = fileSystem.kernel();
    this.proc = fileSystem;
    this.name = name;
  }

  private static int permissions(String name) {
    return switch (name) {
      case "pagetypeinfo", "slabinfo", "vmallocinfo" -> 0400;
      default -> 0444;
    };
  }

  @Override
  protected boolean opensForWriting() {
    return true;
  }

  @Override
  protected Changes changes() {
    return Changes.NONE;
  }

  @Override
  protected int ready() {
    return name.equals("swaps") ? Events.READABLE : super.ready();
  }

  @Override
  protected String text() throws ErrnoException {
    return switch (name) {
      case "buddyinfo" -> ZoneText.buddies(kernel);
      case "cgroups" -> CGROUPS;
      case "cmdline" -> "\n";
      case "cpuinfo" -> ProcessorText.cpuinfo(kernel);
      case "devices" -> DEVICES;
      case "consoles", "crypto", "diskstats", "iomem", "ioports", "kallsyms", "misc", "modules" ->
          "";
      case "execdomains" -> "0-0\tLinux           \t[kernel]\n";
      case "filesystems" -> String.join("\n", proc.types()) + "\n";
      case "interrupts" -> ProcessorText.interrupts(kernel);
      case "loadavg" -> loadavg();
      case "locks" -> LocksText.of(kernel, proc.pids());
      case "meminfo" -> MemoryText.meminfo(kernel);
      case "pagetypeinfo" -> ZoneText.pageTypes(kernel);
      case "partitions" -> "major minor  #blocks  name\n\n";
      case "slabinfo" -> ZoneText.slabs();
      case "softirqs" -> ProcessorText.softirqs(kernel);
      case "stat" -> ProcessorText.stat(kernel);
      case "swaps" -> "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n";
      case "tty/drivers" -> TERMINALS;
      case "tty/ldiscs" -> "n_tty       0\n";
      case "uptime" -> uptime();
      case "version" -> version();
      case "vmallocinfo" -> "";
      case "vmstat" -> MemoryText.vmstat(kernel);
      case "zoneinfo" -> ZoneText.zone(kernel);
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
    Task reader = Task.current();
    long own = kernel.uptime();
    long up = reader == null ? own : kernel.uptime(reader.namespaces().time());
    long idle = Math.max(0, own * kernel.processors() - kernel.usage().cpuNanos());
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
