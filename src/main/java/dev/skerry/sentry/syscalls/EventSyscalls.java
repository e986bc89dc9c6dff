package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Capability;
import dev.skerry.sentry.fs.eventfd.EventFile;
import dev.skerry.sentry.fs.signalfd.SignalFile;
import dev.skerry.sentry.fs.timerfd.TimerFile;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.time.IntervalTimer;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.OpenFlags;

/** Files that stand for events: eventfd(2), signalfd(2), timerfd_create(2). */
final class EventSyscalls {
  private static final int EFD_SEMAPHORE = 1;
  private static final int COMMON = OpenFlags.O_CLOEXEC | OpenFlags.O_NONBLOCK;
  private static final int SIGNAL_SET = 8;
  private static final int ITIMERSPEC = 32;
  private static final int CLOCK_REALTIME = 0;
  private static final int CLOCK_MONOTONIC = 1;
  private static final int CLOCK_BOOTTIME = 7;
  private static final int CLOCK_REALTIME_ALARM = 8;
  private static final int CLOCK_BOOTTIME_ALARM = 9;
  private static final int TFD_TIMER_ABSTIME = 1;
  private static final int TFD_TIMER_CANCEL_ON_SET = 2;

  private EventSyscalls() {}

  static void register(SyscallTable table) {
    table.supported(Syscall.EVENTFD, EventSyscalls::eventfd);
    table.supported(Syscall.EVENTFD2, EventSyscalls::eventfd2);
    table.supported(Syscall.SIGNALFD, EventSyscalls::signalfd);
    table.supported(Syscall.SIGNALFD4, EventSyscalls::signalfd4);
    table.supported(Syscall.TIMERFD_CREATE, EventSyscalls::timerfd_create);
    table.supported(Syscall.TIMERFD_SETTIME, EventSyscalls::timerfd_settime);
    table.supported(Syscall.TIMERFD_GETTIME, EventSyscalls::timerfd_gettime);
  }

  private static long install(Task task, OpenFileDescription file, int flags) {
    return task.files().install(file, (flags & OpenFlags.O_CLOEXEC) != 0, 0);
  }

  static long eventfd(Task task, SyscallArgs args) {
    return makeEventFile(task, args.intAt(0), 0);
  }

  static long eventfd2(Task task, SyscallArgs args) {
    return makeEventFile(task, args.intAt(0), args.intAt(1));
  }

  private static long makeEventFile(Task task, int initial, int flags) {
    if ((flags & ~(COMMON | EFD_SEMAPHORE)) != 0) {
      return -Errno.EINVAL;
    }
    int kept = (flags & OpenFlags.O_NONBLOCK) | OpenFlags.O_RDWR;
    boolean semaphore = (flags & EFD_SEMAPHORE) != 0;
    return install(task, new EventFile(kept, Integer.toUnsignedLong(initial), semaphore), flags);
  }

  static long signalfd(Task task, SyscallArgs args) throws ErrnoException {
    return makeSignalFile(task, args, 0);
  }

  static long signalfd4(Task task, SyscallArgs args) throws ErrnoException {
    return makeSignalFile(task, args, args.intAt(3));
  }

  private static long makeSignalFile(Task task, SyscallArgs args, int flags) throws ErrnoException {
    if (args.longAt(2) != SIGNAL_SET || (flags & ~COMMON) != 0) {
      return -Errno.EINVAL;
    }
    long set = task.memory().readLong(args.addressAt(1));
    int fd = args.intAt(0);
    if (fd == -1) {
      int kept = (flags & OpenFlags.O_NONBLOCK) | OpenFlags.O_RDWR;
      return install(task, new SignalFile(kept, set), flags);
    }
    OpenFileDescription file = task.files().acquire(fd);
    if (file == null) {
      return -Errno.EBADF;
    }
    try {
      if (!(file instanceof SignalFile signals)) {
        return -Errno.EINVAL;
      }
      signals.setSignals(set);
      return fd;
    } finally {
      file.drop();
    }
  }

  static long timerfd_create(Task task, SyscallArgs args) {
    int clock = args.intAt(0);
    int flags = args.intAt(1);
    switch (clock) {
      case CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME -> {}
      case CLOCK_REALTIME_ALARM, CLOCK_BOOTTIME_ALARM -> {
        if (!task.credentials().hasCapability(Capability.WAKE_ALARM)) {
          return -Errno.EPERM;
        }
      }
      default -> {
        return -Errno.EINVAL;
      }
    }
    if ((flags & ~COMMON) != 0) {
      return -Errno.EINVAL;
    }
    int kept = (flags & OpenFlags.O_NONBLOCK) | OpenFlags.O_RDWR;
    return install(task, new TimerFile(task.kernel().timeouts(), kept, clock), flags);
  }

  private interface TimerAction {
    long apply(TimerFile timer) throws ErrnoException;
  }

  private static long withTimer(Task task, int fd, TimerAction action) throws ErrnoException {
    OpenFileDescription file = task.files().acquire(fd);
    if (file == null) {
      return -Errno.EBADF;
    }
    try {
      return file instanceof TimerFile timer ? action.apply(timer) : -Errno.EINVAL;
    } finally {
      file.drop();
    }
  }

  static long timerfd_settime(Task task, SyscallArgs args) throws ErrnoException {
    int flags = args.intAt(1);
    if ((flags & ~(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET)) != 0) {
      return -Errno.EINVAL;
    }
    StructReader struct = new StructReader(task.memory().readBytes(args.addressAt(2), ITIMERSPEC));
    long interval = Times.timespec(struct, 0);
    long value = Times.timespec(struct, Times.SIZE);
    return withTimer(
        task,
        args.intAt(0),
        timer -> {
          long deadline =
              (flags & TFD_TIMER_ABSTIME) != 0
                  ? Clocks.monotonic(task, timer.clock(), value)
                  : Times.deadline(value);
          IntervalTimer.Setting before =
              value == 0 ? timer.disarm(interval) : timer.arm(deadline, interval);
          return args.addressAt(3) == 0 ? 0 : write(task, args.addressAt(3), before);
        });
  }

  static long timerfd_gettime(Task task, SyscallArgs args) throws ErrnoException {
    return withTimer(task, args.intAt(0), timer -> write(task, args.addressAt(1), timer.get()));
  }

  private static long write(Task task, long address, IntervalTimer.Setting setting) {
    StructWriter struct = new StructWriter(ITIMERSPEC);
    Times.putTimespec(struct, 0, setting.interval());
    Times.putTimespec(struct, Times.SIZE, setting.left());
    return struct.tryCopyOut(task.memory(), address);
  }
}
