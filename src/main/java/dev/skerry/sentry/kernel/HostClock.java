package dev.skerry.sentry.kernel;

import dev.skerry.hostos.Host;

/** The host's clocks. */
public final class HostClock implements Clock {
  private static final int CLOCK_REALTIME = 0;

  // Bits of a CPU clock's id (include/linux/posix-timers.h): the rest is the process id, inverted.
  private static final int CPUCLOCK_SCHED = 2;
  private static final int CPUCLOCK_PERTHREAD = 4;

  @Override
  public long monotonic() {
    return System.nanoTime();
  }

  @Override
  public long realtime() {
    return Host.os().clockGetTime(CLOCK_REALTIME);
  }

  @Override
  public long processCpu(int hostPid) {
    return cpu((~hostPid << 3) | CPUCLOCK_SCHED);
  }

  @Override
  public long threadCpu(int hostTid) {
    return cpu((~hostTid << 3) | CPUCLOCK_SCHED | CPUCLOCK_PERTHREAD);
  }

  private static long cpu(int clock) {
    return Math.max(0, Host.os().clockGetTime(clock));
  }
}
