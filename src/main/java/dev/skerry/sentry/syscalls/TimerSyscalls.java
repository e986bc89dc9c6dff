package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Signal;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.time.IntervalTimer;
import dev.skerry.sentry.time.PosixTimer;
import dev.skerry.sentry.time.TimerSet;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Timers that send signals: setitimer(2), alarm(2), timer_create(2). */
final class TimerSyscalls {
  private static final int ITIMERVAL = 32;
  private static final int ITIMER_REAL = 0;
  private static final int ITIMER_PROF = 2;
  private static final int SIGEV_SIGNAL = 0;
  private static final int SIGEV_NONE = 1;
  private static final int SIGEV_THREAD = 2;
  private static final int SIGEV_THREAD_ID = 4;

  /** sizeof(struct sigevent). */
  private static final int SIGEVENT = 64;

  private static final int TIMER_ABSTIME = 1;

  private TimerSyscalls() {}

  static void register(SyscallTable table) {
    table.supported(Syscall.GETITIMER, TimerSyscalls::getitimer);
    table.partial(
        Syscall.SETITIMER, TimerSyscalls::setitimer, "ITIMER_VIRTUAL counts system time, too");
    table.supported(Syscall.ALARM, TimerSyscalls::alarm);
    table.supported(Syscall.TIMER_CREATE, TimerSyscalls::timer_create);
    table.supported(Syscall.TIMER_SETTIME, TimerSyscalls::timer_settime);
    table.supported(Syscall.TIMER_GETTIME, TimerSyscalls::timer_gettime);
    table.supported(Syscall.TIMER_GETOVERRUN, TimerSyscalls::timer_getoverrun);
    table.supported(Syscall.TIMER_DELETE, TimerSyscalls::timer_delete);
  }

  private static boolean isInterval(int which) {
    return which >= ITIMER_REAL && which <= ITIMER_PROF;
  }

  static long getitimer(Task task, SyscallArgs args) {
    if (!isInterval(args.intAt(0))) {
      return -Errno.EINVAL;
    }
    IntervalTimer timer = TimerSet.of(task.group()).interval(args.intAt(0));
    return writeValues(task, args.addressAt(1), timer.get());
  }

  static long setitimer(Task task, SyscallArgs args) throws ErrnoException {
    long interval = 0;
    long value = 0;
    if (args.addressAt(1) != 0) {
      StructReader struct = new StructReader(task.memory().readBytes(args.addressAt(1), ITIMERVAL));
      interval = Times.timeval(struct, 0);
      value = Times.timeval(struct, Times.SIZE);
    }
    if (!isInterval(args.intAt(0))) {
      return -Errno.EINVAL;
    }
    IntervalTimer timer = TimerSet.of(task.group()).interval(args.intAt(0));
    IntervalTimer.Setting before = set(timer, value, interval);
    return args.addressAt(2) == 0 ? 0 : writeValues(task, args.addressAt(2), before);
  }

  private static IntervalTimer.Setting set(IntervalTimer timer, long value, long interval) {
    return value == 0 ? timer.disarm() : timer.arm(timer.now() + value, interval);
  }

  private static long writeValues(Task task, long address, IntervalTimer.Setting setting) {
    StructWriter struct = new StructWriter(ITIMERVAL);
    Times.putTimeval(struct, 0, setting.interval());
    long left = setting.left();
    Times.putTimeval(struct, Times.SIZE, left == 0 ? 0 : Math.max(left, Times.MICROSECOND));
    return struct.tryCopyOut(task.memory(), address);
  }

  static long alarm(Task task, SyscallArgs args) {
    long seconds = Integer.toUnsignedLong(args.intAt(0));
    IntervalTimer timer = TimerSet.of(task.group()).interval(ITIMER_REAL);
    IntervalTimer.Setting before = set(timer, seconds * Times.SECOND, 0);
    long left = before.left();
    if (left > 0 && left < Times.SECOND) {
      return 1;
    }
    return (left + Times.SECOND / 2) / Times.SECOND;
  }

  static long timer_create(Task task, SyscallArgs args) throws ErrnoException {
    int clock = args.intAt(0);
    if (Clocks.isOnlyRead(clock)) {
      return -Errno.EOPNOTSUPP;
    }
    if (!Clocks.canWait(clock) && (!Clocks.isCpu(clock) || Clocks.now(task, clock) < 0)) {
      return -Errno.EINVAL;
    }
    PosixTimer.Notice notice = notice(task, args.addressAt(1));
    if (notice == null) {
      return -Errno.EINVAL;
    }
    TimerSet timers = TimerSet.of(task.group());
    PosixTimer timer =
        timers.create(clock, Clocks.isCpu(clock) ? cpuClock(task, clock) : null, notice);
    if (timer == null) {
      return -Errno.EAGAIN;
    }
    long result = task.memory().storeInt(args.addressAt(2), timer.id());
    if (result < 0) {
      timers.delete(timer.id());
    }
    return result;
  }

  /** The time on a CPU clock that exists. */
  static LongSupplier cpuClock(Task task, int clock) {
    return switch (clock) {
      case Clocks.PROCESS_CPUTIME -> TimerSet.processClock(task.group());
      case Clocks.THREAD_CPUTIME -> TimerSet.threadClock(task);
      default -> () -> Math.max(0, Clocks.now(task, clock));
    };
  }

  /** What the struct sigevent asks for; null if that does not exist. */
  private static PosixTimer.@Nullable Notice notice(Task task, long address) throws ErrnoException {
    if (address == 0) {
      return new PosixTimer.Notice(Signal.SIGALRM, null, 0, true);
    }
    StructReader struct = new StructReader(task.memory().readBytes(address, SIGEVENT));
    long value = struct.longAt(0);
    int signal = struct.intAt(8);
    int kind = struct.intAt(12);
    if (kind == SIGEV_NONE) {
      return new PosixTimer.Notice(0, null, 0, false);
    }
    if (!Signal.isValid(signal)) {
      return null;
    }
    if (kind == SIGEV_SIGNAL || kind == SIGEV_THREAD) {
      return new PosixTimer.Notice(signal, null, value, false);
    }
    if (kind != SIGEV_THREAD_ID) {
      return null;
    }
    Task thread = task.pidNamespace().find(struct.intAt(16));
    if (thread == null || thread.group() != task.group()) {
      return null;
    }
    return new PosixTimer.Notice(signal, thread, value, false);
  }

  static long timer_settime(Task task, SyscallArgs args) throws ErrnoException {
    if (args.addressAt(2) == 0) {
      return -Errno.EINVAL;
    }
    StructReader struct = new StructReader(task.memory().readBytes(args.addressAt(2), ITIMERVAL));
    long interval = Times.timespec(struct, 0);
    long value = Times.timespec(struct, Times.SIZE);
    PosixTimer timer = TimerSet.of(task.group()).find(args.intAt(0));
    if (timer == null) {
      return -Errno.EINVAL;
    }
    IntervalTimer.Setting before;
    if (value == 0) {
      before = timer.disarm();
    } else if ((args.intAt(1) & TIMER_ABSTIME) == 0) {
      before = timer.arm(timer.now() + value, interval);
    } else if (Clocks.isCpu(timer.clockId())) {
      before = timer.arm(value, interval);
    } else {
      before = timer.arm(Clocks.monotonic(task, timer.clockId(), value), interval);
    }
    return args.addressAt(3) == 0 ? 0 : write(task, args.addressAt(3), before);
  }

  static long timer_gettime(Task task, SyscallArgs args) {
    PosixTimer timer = TimerSet.of(task.group()).find(args.intAt(0));
    return timer == null ? -Errno.EINVAL : write(task, args.addressAt(1), timer.get());
  }

  private static long write(Task task, long address, IntervalTimer.Setting setting) {
    StructWriter struct = new StructWriter(ITIMERVAL);
    Times.putTimespec(struct, 0, setting.interval());
    Times.putTimespec(struct, Times.SIZE, setting.left());
    return struct.tryCopyOut(task.memory(), address);
  }

  static long timer_getoverrun(Task task, SyscallArgs args) {
    PosixTimer timer = TimerSet.of(task.group()).find(args.intAt(0));
    return timer == null ? -Errno.EINVAL : timer.overrun();
  }

  static long timer_delete(Task task, SyscallArgs args) {
    return TimerSet.of(task.group()).delete(args.intAt(0)) ? 0 : -Errno.EINVAL;
  }
}
