package dev.skerry.sentry.kernel;

import dev.skerry.hostos.Host;
import dev.skerry.sentry.mm.HostProc;

/** The host's clocks. */
public final class HostClock implements Clock {
  private static final int CLOCK_REALTIME = 0;

  // Bits of a CPU clock's id (include/linux/posix-timers.h): the rest is the process id, inverted.
  private static final int CPUCLOCK_PROF = 0;

  private static final int CPUCLOCK_VIRT = 1;
  private static final int CPUCLOCK_SCHED = 2;

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
    return processClock(hostPid, CPUCLOCK_SCHED);
  }

  @Override
  public long processTicks(int hostPid) {
    return processClock(hostPid, CPUCLOCK_PROF);
  }

  @Override
  public long processUserTicks(int hostPid) {
    return processClock(hostPid, CPUCLOCK_VIRT);
  }

  private static long processClock(int hostPid, int kind) {
    return Math.max(0, Host.os().clockGetTime((~hostPid << 3) | kind));
  }

  @Override
  public long threadCpu(int hostTid) {
    // The host gives no clock of another process's thread.
    return HostProc.threadCpu(hostTid);
  }
}
