package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.hostos.Host;
import dev.skerry.sentry.kernel.Clock;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.kernel.ThreadGroup;
import org.jspecify.annotations.Nullable;

/**
 * The clocks of clock_gettime(2). Guests also read some of them without a system call, in the
 * host's vDSO, so the answers here come from the host's clocks as they are, but for those in a time
 * namespace with others.
 */
final class Clocks {
  static final int REALTIME = 0;
  static final int MONOTONIC = 1;
  static final int PROCESS_CPUTIME = 2;
  static final int THREAD_CPUTIME = 3;
  static final int MONOTONIC_RAW = 4;
  static final int REALTIME_COARSE = 5;
  static final int MONOTONIC_COARSE = 6;
  static final int BOOTTIME = 7;
  static final int REALTIME_ALARM = 8;
  static final int BOOTTIME_ALARM = 9;
  static final int TAI = 11;

  /** Between two ticks of a kernel with 250 a second. */
  private static final long COARSE = 4_000_000;

  // Bits of a CPU clock's id (include/linux/posix-timers.h).
  private static final int PER_THREAD = 4;
  private static final int CLOCK_MASK = 3;
  private static final int CLOCK_FD = 3;

  private Clocks() {}

  /** Whether the clock has no timers (timer_create(2), EOPNOTSUPP). */
  static boolean isOnlyRead(int clock) {
    return clock == MONOTONIC_RAW || clock == REALTIME_COARSE || clock == MONOTONIC_COARSE;
  }

  /** The time in nanoseconds, or -EINVAL. */
  static long now(Task task, int clock) {
    long host = hostTime(task, clock);
    return host < 0 ? host : host + ahead(task, clock);
  }

  /** How far the clock is from the host's (time_namespaces(7)). */
  private static long ahead(Task task, int clock) {
    return switch (clock) {
      case MONOTONIC, MONOTONIC_RAW, MONOTONIC_COARSE -> task.namespaces().time().monotonic();
      case BOOTTIME, BOOTTIME_ALARM -> task.namespaces().time().boottime();
      default -> 0;
    };
  }

  private static long hostTime(Task task, int clock) {
    return switch (clock) {
      case REALTIME -> task.kernel().clock().realtime();
      case MONOTONIC -> task.kernel().clock().monotonic();
      case PROCESS_CPUTIME -> task.kernel().clock().processCpu(task.thread().hostTid());
      case THREAD_CPUTIME -> task.kernel().clock().threadCpu(task.thread().hostTid());
      case MONOTONIC_RAW, REALTIME_COARSE, MONOTONIC_COARSE, BOOTTIME, TAI ->
          Host.os().clockGetTime(clock);
      case REALTIME_ALARM -> Host.os().clockGetTime(REALTIME);
      case BOOTTIME_ALARM -> Host.os().clockGetTime(BOOTTIME);
      default -> clock < 0 ? cpu(task, clock) : -Errno.EINVAL;
    };
  }

  /** Nanoseconds between two readings that differ, or -EINVAL. */
  static long resolution(Task task, int clock) {
    return switch (clock) {
      case REALTIME_COARSE, MONOTONIC_COARSE -> COARSE;
      default -> {
        long now = now(task, clock);
        yield now < 0 ? now : 1;
      }
    };
  }

  private static long cpu(Task task, int clock) {
    if ((clock & CLOCK_MASK) == CLOCK_FD) {
      return -Errno.EINVAL;
    }
    int id = ~(clock >> 3);
    Clock clocks = task.kernel().clock();
    if ((clock & PER_THREAD) != 0) {
      Task other = id == 0 ? task : task.pidNamespace().find(id);
      if (other == null || other.group() != task.group() || other.isDead()) {
        return -Errno.EINVAL;
      }
      return clocks.threadCpu(other.thread().hostTid());
    }
    @Nullable ThreadGroup group = id == 0 ? task.group() : task.pidNamespace().findGroup(id);
    Task member = group == null ? null : group.anyThread();
    return member == null ? -Errno.EINVAL : clocks.processCpu(member.thread().hostTid());
  }

  /** Whether it is the CPU clock of the task itself, by its number. */
  static boolean isOwnThread(Task task, int clock) {
    int id = ~(clock >> 3);
    return (clock & PER_THREAD) != 0 && (id == 0 || task.pidNamespace().find(id) == task);
  }

  /** Whether the clock counts CPU time. */
  static boolean isCpu(int clock) {
    return clock < 0 || clock == PROCESS_CPUTIME || clock == THREAD_CPUTIME;
  }

  /** Whether a sleep or a timer can use the clock. */
  static boolean canWait(int clock) {
    return switch (clock) {
      case REALTIME, MONOTONIC, BOOTTIME, REALTIME_ALARM, BOOTTIME_ALARM, TAI -> true;
      default -> false;
    };
  }

  /**
   * When, in the time of {@link System#nanoTime}, the clock shows {@code time}. Nobody sets the
   * clocks of a sandbox, so the distance stays.
   */
  static long monotonic(Task task, int clock, long time) {
    if (clock == MONOTONIC) {
      return time - ahead(task, clock);
    }
    long left = time - now(task, clock);
    return left > 0 ? Times.deadline(left) : System.nanoTime() + left;
  }
}
