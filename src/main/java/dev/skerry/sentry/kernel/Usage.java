package dev.skerry.sentry.kernel;

import dev.skerry.sentry.mm.HostProc;
import dev.skerry.sentry.mm.HostTaskStat;

/**
 * Resources used (getrusage(2)), as the host counts them for a guest.
 *
 * @param user nanoseconds of CPU time in guest code
 * @param system nanoseconds in the host's kernel
 * @param maxRss the most resident memory, in KiB
 */
public record Usage(long user, long system, long maxRss, long minorFaults, long majorFaults) {
  public static final Usage NONE = new Usage(0, 0, 0, 0, 0);

  private static final long TICK = 10_000_000;

  Usage plus(Usage other) {
    return new Usage(
        user + other.user,
        system + other.system,
        Math.max(maxRss, other.maxRss),
        minorFaults + other.minorFaults,
        majorFaults + other.majorFaults);
  }

  /** All CPU time in nanoseconds. */
  public long cpu() {
    return user + system;
  }

  /** CPU time in 1/100 s, the unit of times(2). */
  public static long ticks(long nanos) {
    return nanos / TICK;
  }

  /**
   * The CPU time of a process that lives.
   *
   * @param hostPid its first thread's id, which stays even after that thread's end
   */
  static Usage ofTime(Clock clock, int hostPid) {
    long all = clock.processCpu(hostPid);
    if (all < TICK) {
      // The host has not told the two apart yet.
      return new Usage(all, 0, 0, 0, 0);
    }
    long ticked = clock.processTicks(hostPid);
    long user = clock.processUserTicks(hostPid);
    return split(all, user, ticked);
  }

  /** Linux: cputime_adjust() of kernel/sched/cputime.c. */
  private static Usage split(long all, long userTicks, long ticked) {
    long user = ticked <= 0 ? all : (long) ((double) all * Math.min(userTicks, ticked) / ticked);
    return new Usage(user, all - user, 0, 0, 0);
  }

  /** The same with the memory and the page faults, which cost a look into the host's /proc. */
  Usage withMemory(int hostPid) {
    HostTaskStat stat = HostProc.stat(hostPid);
    return new Usage(
        user, system, HostProc.peakResident(hostPid), stat.minorFaults(), stat.majorFaults());
  }

  /** What a thread has used. */
  public static Usage ofThread(Task task) {
    int hostTid = task.thread().hostTid();
    HostTaskStat stat = HostProc.threadStat(hostTid);
    long all = task.kernel().clock().threadCpu(hostTid);
    Usage time = split(all, stat.userTicks(), stat.userTicks() + stat.systemTicks());
    return new Usage(
        time.user,
        time.system,
        HostProc.peakResident(hostTid),
        stat.minorFaults(),
        stat.majorFaults());
  }
}
