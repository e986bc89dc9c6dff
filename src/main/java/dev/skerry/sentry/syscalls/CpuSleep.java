package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.Results;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.kernel.Wait;
import dev.skerry.sentry.time.IntervalTimer;
import java.util.function.LongSupplier;

/** A sleep until CPU time has been used. Linux: posix_cpu_nsleep(). */
final class CpuSleep extends Wait {
  private static final int TIMER_ABSTIME = 1;

  private final LongSupplier clock;
  private final long deadline;
  private final long remainder;
  private final boolean relative;
  private final IntervalTimer timer;

  /**
   * @param deadline on that clock
   * @param remainder where an interrupted sleep writes what is left; 0 for nowhere
   * @param relative whether an interrupted sleep goes on with what is left
   */
  private CpuSleep(Task task, LongSupplier clock, long deadline, long remainder, boolean relative) {
    super(task);
    this.clock = clock;
    this.deadline = deadline;
    this.remainder = remainder;
    this.relative = relative;
    this.timer =
        new IntervalTimer(task.kernel().timeouts(), clock) {
          @Override
          protected void expired(long times) {
            woken();
          }
        };
  }

  /** clock_nanosleep(2) on a CPU clock, which no thread can wait for that counts its own time. */
  static long start(Task task, SyscallArgs args) throws ErrnoException {
    int id = args.intAt(0);
    long nanos = Times.timespec(task.memory(), args.addressAt(2));
    if (Clocks.now(task, id) < 0 || Clocks.isOwnThread(task, id)) {
      return -Errno.EINVAL;
    }
    LongSupplier clock = TimerSyscalls.cpuClock(task, id);
    if ((args.intAt(1) & TIMER_ABSTIME) != 0) {
      return new CpuSleep(task, clock, nanos, 0, false).start();
    }
    long now = clock.getAsLong();
    long deadline = nanos > Long.MAX_VALUE - now ? Long.MAX_VALUE : now + nanos;
    return new CpuSleep(task, clock, deadline, args.addressAt(3), true).start();
  }

  private long start() {
    timer.arm(deadline, 0);
    return park();
  }

  @Override
  protected long attempt() {
    return clock.getAsLong() >= deadline ? 0 : Results.NOT_YET;
  }

  @Override
  protected void finished() {
    timer.disarm();
  }

  @Override
  protected long interrupted() {
    if (!relative) {
      return Results.ERESTARTNOHAND;
    }
    long left = deadline - clock.getAsLong();
    if (left <= 0) {
      return 0;
    }
    if (remainder != 0 && Times.writeTimespec(task().memory(), remainder, left) < 0) {
      return -Errno.EFAULT;
    }
    task().setRestart(again -> new CpuSleep(again, clock, deadline, remainder, true).start());
    return Results.ERESTART_RESTARTBLOCK;
  }
}
