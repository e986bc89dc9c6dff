package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.Results;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.kernel.Wait;

/** Clocks and sleeping. */
final class TimeSyscalls {
  private static final int TIMER_ABSTIME = 1;
  private static final int TIMEZONE = 8;

  private static final int TIMEX = 208;
  private static final int ADJ_OFFSET_SS_READ = 0xa001;
  private static final int STA_UNSYNC = 0x40;
  private static final int TIME_ERROR = 5;
  private static final long MOST_ERROR_MICROS = 16_000_000;
  private static final long TOLERANCE = 500L << 16;
  private static final long TICK_MICROS = 10_000;

  private TimeSyscalls() {}

  static void register(SyscallTable table) {
    table.supported(Syscall.CLOCK_GETTIME, TimeSyscalls::clock_gettime);
    table.supported(Syscall.CLOCK_GETRES, TimeSyscalls::clock_getres);
    table.partial(
        Syscall.CLOCK_SETTIME, TimeSyscalls::clock_settime, "nobody may set the machine's clocks");
    table.supported(Syscall.GETTIMEOFDAY, TimeSyscalls::gettimeofday);
    table.unsupported(Syscall.SETTIMEOFDAY, Errno.EPERM, "nobody may set the machine's clocks");
    table.supported(Syscall.TIME, TimeSyscalls::time);
    String adjust = "only asked: an unsynchronised clock that nobody may adjust";
    table.partial(Syscall.ADJTIMEX, TimeSyscalls::adjtimex, adjust);
    table.partial(Syscall.CLOCK_ADJTIME, TimeSyscalls::clock_adjtime, adjust);
    table.supported(Syscall.NANOSLEEP, TimeSyscalls::nanosleep);
    table.supported(Syscall.CLOCK_NANOSLEEP, TimeSyscalls::clock_nanosleep);
  }

  static long clock_gettime(Task task, SyscallArgs args) {
    long now = Clocks.now(task, args.intAt(0));
    return now < 0 ? now : Times.writeTimespec(task.memory(), args.addressAt(1), now);
  }

  static long clock_getres(Task task, SyscallArgs args) {
    long resolution = Clocks.resolution(task, args.intAt(0));
    if (resolution < 0 || args.addressAt(1) == 0) {
      return Math.min(resolution, 0);
    }
    return Times.writeTimespec(task.memory(), args.addressAt(1), resolution);
  }

  static long clock_settime(Task task, SyscallArgs args) throws ErrnoException {
    Times.timespec(task.memory(), args.addressAt(1));
    return args.intAt(0) == Clocks.REALTIME ? -Errno.EPERM : -Errno.EINVAL;
  }

  static long gettimeofday(Task task, SyscallArgs args) {
    if (args.addressAt(0) != 0) {
      long now = task.kernel().clock().realtime();
      long result =
          Times.putTimeval(new StructWriter(Times.SIZE), 0, now)
              .tryCopyOut(task.memory(), args.addressAt(0));
      if (result < 0) {
        return result;
      }
    }
    if (args.addressAt(1) != 0) {
      return new StructWriter(TIMEZONE).tryCopyOut(task.memory(), args.addressAt(1));
    }
    return 0;
  }

  static long time(Task task, SyscallArgs args) {
    long seconds = task.kernel().clock().realtime() / Times.SECOND;
    if (args.addressAt(0) != 0 && task.memory().storeLong(args.addressAt(0), seconds) < 0) {
      return -Errno.EFAULT;
    }
    return seconds;
  }

  static long nanosleep(Task task, SyscallArgs args) throws ErrnoException {
    long nanos = Times.timespec(task.memory(), args.addressAt(0));
    return new Sleep(task, Times.deadline(nanos), args.addressAt(1), true).start();
  }

  static long clock_nanosleep(Task task, SyscallArgs args) throws ErrnoException {
    int clock = args.intAt(0);
    if (Clocks.isCpu(clock) && clock != Clocks.THREAD_CPUTIME) {
      return CpuSleep.start(task, args);
    }
    if (!Clocks.canWait(clock)) {
      boolean exists = Clocks.now(task, clock) >= 0;
      return exists ? -Errno.EOPNOTSUPP : -Errno.EINVAL;
    }
    long nanos = Times.timespec(task.memory(), args.addressAt(2));
    if ((args.intAt(1) & TIMER_ABSTIME) != 0) {
      return new Sleep(task, Clocks.monotonic(task, clock, nanos), 0, false).start();
    }
    return new Sleep(task, Times.deadline(nanos), args.addressAt(3), true).start();
  }

  /** Waits for the time to pass and nothing else. */
  private static final class Sleep extends Wait {
    private final long deadline;
    private final long remainder;
    private final boolean relative;

    /**
     * @param remainder where an interrupted sleep writes what is left; 0 for nowhere
     * @param relative whether an interrupted sleep goes on with what is left
     */
    Sleep(Task task, long deadline, long remainder, boolean relative) {
      super(task);
      this.deadline = deadline;
      this.remainder = remainder;
      this.relative = relative;
    }

    long start() {
      if (deadline - System.nanoTime() <= 0) {
        return 0;
      }
      return until(deadline).park();
    }

    @Override
    protected long attempt() {
      return Results.NOT_YET;
    }

    @Override
    protected long timedOut() {
      return 0;
    }

    @Override
    protected long interrupted() {
      if (!relative) {
        return Results.ERESTARTNOHAND;
      }
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        return 0;
      }
      if (remainder != 0 && Times.writeTimespec(task().memory(), remainder, left) < 0) {
        return -Errno.EFAULT;
      }
      task().setRestart(again -> new Sleep(again, deadline, remainder, true).start());
      return Results.ERESTART_RESTARTBLOCK;
    }
  }

  static long adjtimex(Task task, SyscallArgs args) throws ErrnoException {
    return adjust(task, args.addressAt(0));
  }

  static long clock_adjtime(Task task, SyscallArgs args) throws ErrnoException {
    if (args.intAt(0) != Clocks.REALTIME) {
      return Clocks.resolution(task, args.intAt(0)) < 0 ? -Errno.EINVAL : -Errno.EOPNOTSUPP;
    }
    return adjust(task, args.addressAt(1));
  }

  /** Fills a struct timex; its state is that of a clock that was never set by NTP. */
  private static long adjust(Task task, long address) throws ErrnoException {
    byte[] bytes = task.memory().readBytes(address, TIMEX);
    int modes = new StructReader(bytes).intAt(0);
    if (modes != 0 && modes != ADJ_OFFSET_SS_READ) {
      return -Errno.EPERM;
    }
    StructWriter struct =
        new StructWriter(TIMEX)
            .putInt(0, modes)
            .putLong(24, MOST_ERROR_MICROS)
            .putLong(32, MOST_ERROR_MICROS)
            .putInt(40, STA_UNSYNC)
            .putLong(48, 2)
            .putLong(56, 1)
            .putLong(64, TOLERANCE)
            .putLong(88, TICK_MICROS);
    Times.putTimeval(struct, 72, task.kernel().clock().realtime());
    struct.copyOut(task.memory(), address);
    return TIME_ERROR;
  }
}
