package dev.skerry.sentry.fs.proc;

import dev.skerry.sentry.kernel.Kernel;
import dev.skerry.sentry.kernel.TimeNamespace;
import dev.skerry.sentry.mm.HostProc;

/** What /proc tells of the processors and of the time that they spent. */
final class ProcessorText {
  private static final String[] SOFTIRQS = {
    "HI", "TIMER", "NET_TX", "NET_RX", "BLOCK", "IRQ_POLL", "TASKLET", "SCHED", "HRTIMER", "RCU"
  };

  private static final long NANOS = 1_000_000_000;

  private ProcessorText() {}

  /** The host's processors, as many as the sandbox may use: programs look for their features. */
  static String cpuinfo(Kernel kernel) {
    String host = HostProc.cpuinfo();
    int end = 0;
    for (int i = 0; i < kernel.processors(); i++) {
      int next = host.indexOf("\n\n", end);
      if (next < 0) {
        return host;
      }
      end = next + 2;
    }
    return host.substring(0, end);
  }

  static String interrupts(Kernel kernel) {
    StringBuilder out = new StringBuilder("           ");
    for (int i = 0; i < kernel.processors(); i++) {
      String name = "CPU" + i;
      out.append(name).append(" ".repeat(Math.max(1, 11 - name.length())));
    }
    return out.append('\n').toString();
  }

  /** /proc/softirqs: there is nothing that interrupts. */
  static String softirqs(Kernel kernel) {
    StringBuilder out = new StringBuilder(" ".repeat(20));
    for (int i = 0; i < kernel.processors(); i++) {
      String name = "CPU" + i;
      out.append(name).append(" ".repeat(Math.max(1, 11 - name.length())));
    }
    for (String name : SOFTIRQS) {
      out.append('\n').append(" ".repeat(12 - name.length())).append(name).append(':');
      out.append("          0".repeat(kernel.processors()));
    }
    return out.append('\n').toString();
  }

  /**
   * /proc/stat. All time that guests used counts as the user's, in equal shares of the processors;
   * what only a kernel that runs on the bare machine could count is zero.
   */
  static String stat(Kernel kernel) {
    int processors = kernel.processors();
    long used = Numbers.ticks(kernel.usage().cpuNanos());
    long all = Numbers.ticks(kernel.uptime()) * processors;
    long idle = Math.max(0, all - used);
    StringBuilder out = new StringBuilder();
    processor(out, "cpu ", used, idle);
    for (int i = 0; i < processors; i++) {
      processor(out, "cpu" + i, used / processors, idle / processors);
    }
    long uptime = kernel.uptime() + TimeNamespace.boottimeOfReader();
    long startedAt = (kernel.clock().realtime() - uptime) / NANOS;
    return out.append("intr 0\nctxt 0\nbtime ")
        .append(startedAt)
        .append("\nprocesses ")
        .append(kernel.tasks().forks())
        .append("\nprocs_running ")
        .append(kernel.usage().running())
        .append("\nprocs_blocked 0\nsoftirq 0 0 0 0 0 0 0 0 0 0 0\n")
        .toString();
  }

  private static void processor(StringBuilder out, String name, long used, long idle) {
    out.append(name).append(' ').append(used).append(" 0 0 ").append(idle);
    out.append(" 0 0 0 0 0 0\n");
  }
}
