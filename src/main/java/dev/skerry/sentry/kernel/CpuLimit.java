package dev.skerry.sentry.kernel;

import dev.skerry.abi.Signal;

/**
 * Watches over RLIMIT_CPU (getrlimit(2)): SIGXCPU at the soft limit and each second after it,
 * SIGKILL at the hard one. A process cannot use more CPU time than its threads have had processors,
 * so it is looked at again no earlier than that.
 */
final class CpuLimit {
  private static final long SECOND = 1_000_000_000;
  private static final long SHORTEST = 10_000_000;

  private final ThreadGroup group;
  private final long limit;
  private long nextSignal;

  private CpuLimit(ThreadGroup group, long limit) {
    this.group = group;
    this.limit = limit;
    this.nextSignal = nanos(limit);
  }

  /** Begins to watch, if there is a limit. */
  static void watch(ThreadGroup group) {
    long soft = group.limits().soft(Rlimits.CPU);
    if (soft != Rlimits.INFINITY) {
      new CpuLimit(group, soft).schedule(0);
    }
  }

  private static long nanos(long seconds) {
    boolean beyond = seconds < 0 || seconds > Long.MAX_VALUE / SECOND;
    return beyond ? Long.MAX_VALUE : seconds * SECOND;
  }

  private void schedule(long used) {
    Kernel kernel = group.kernel();
    long next = Math.min(nextSignal, nanos(group.limits().hard(Rlimits.CPU)));
    long left = Math.max((next - used) / kernel.processors(), SHORTEST);
    long now = kernel.clock().monotonic();
    if (left < Long.MAX_VALUE - now) {
      kernel.timeouts().schedule(now + left, this::check);
    }
  }

  private void check() {
    synchronized (group.kernel().tasks()) {
      if (group.exiting || group.limits().soft(Rlimits.CPU) != limit) {
        return;
      }
    }
    long used = group.usage().cpu();
    if (used >= nanos(group.limits().hard(Rlimits.CPU))) {
      synchronized (group.kernel().tasks()) {
        Exit.kill(group, Signal.SIGKILL);
      }
      return;
    }
    if (used >= nextSignal) {
      nextSignal += SECOND;
      group.signal(SigInfo.kernel(Signal.SIGXCPU));
    }
    schedule(used);
  }
}
