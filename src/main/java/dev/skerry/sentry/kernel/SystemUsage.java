package dev.skerry.sentry.kernel;

import dev.skerry.sentry.mm.HostProc;

/**
 * What all processes of the sandbox together use. Measuring asks the host about every process, so
 * the figures are kept for a short while. Its monitor guards them; TaskSet is taken with it held.
 */
public final class SystemUsage {
  private static final long KEPT_NANOS = 100_000_000;
  private static final int[] LOAD_SECONDS = {60, 300, 900};
  private static final int PAGE_SHIFT = 12;

  private final Kernel kernel;
  private boolean measured;
  private long measuredAt;
  private long memory;
  private long cpu;
  private final double[] load = new double[LOAD_SECONDS.length];
  private long loadAt;

  SystemUsage(Kernel kernel) {
    this.kernel = kernel;
  }

  /** The bytes of resident memory that belong to no file. */
  public synchronized long memoryBytes() {
    measure();
    return Math.min(memory, kernel.memoryBytes());
  }

  /** The CPU time in nanoseconds, of those that have ended too. Never less than before. */
  public synchronized long cpuNanos() {
    measure();
    return cpu;
  }

  private void measure() {
    long now = kernel.uptime();
    if (measured && now - measuredAt < KEPT_NANOS) {
      return;
    }
    long bytes = 0;
    long nanos = 0;
    for (ThreadGroup group : kernel.tasks().groups()) {
      nanos += group.usage().cpu() + group.childrenUsage().cpu();
      Task task = group.anyThread();
      if (task != null && task.hasThread()) {
        bytes += HostProc.privatePages(task.thread().hostTid()) << PAGE_SHIFT;
      }
    }
    memory = bytes;
    cpu = Math.max(cpu, nanos);
    measured = true;
    measuredAt = now;
  }

  /** How many threads run or want to. */
  public int running() {
    int count = 0;
    for (ThreadGroup group : kernel.tasks().groups()) {
      for (Task task : group.threads()) {
        if (task.state() == 'R') {
          count++;
        }
      }
    }
    return count;
  }

  /**
   * The load averages over 1, 5 and 15 minutes (proc_loadavg(5)). They are brought up to date when
   * somebody asks, as if the present load had been there since the last time.
   */
  public synchronized double[] loadAverages() {
    int running = running();
    long now = kernel.uptime();
    double seconds = (now - loadAt) / 1e9;
    loadAt = now;
    for (int i = 0; i < load.length; i++) {
      double kept = Math.exp(-seconds / LOAD_SECONDS[i]);
      load[i] = load[i] * kept + running * (1 - kept);
    }
    return load.clone();
  }
}
