package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.fs.epoll.EpollFile;
import dev.skerry.sentry.kernel.Results;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.kernel.Wait;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.OpenFlags;
import dev.skerry.sentry.waiter.Events;
import java.util.Arrays;

/** epoll(7). */
final class EpollSyscalls {
  private static final int EPOLL_CTL_ADD = 1;
  private static final int EPOLL_CTL_DEL = 2;
  private static final int EPOLL_CTL_MOD = 3;

  /** sizeof(struct epoll_event), which is packed. */
  private static final int EVENT = 12;

  /** EP_MAX_EVENTS. */
  private static final int MOST_EVENTS = Integer.MAX_VALUE / EVENT;

  /** What one call reports at most; more wait for the next call. */
  private static final int MOST_AT_ONCE = 4096;

  private static final int FIRST_SIZE = 16 * EVENT;

  private EpollSyscalls() {}

  static void register(SyscallTable table) {
    table.supported(Syscall.EPOLL_CREATE, EpollSyscalls::epoll_create);
    table.supported(Syscall.EPOLL_CREATE1, EpollSyscalls::epoll_create1);
    table.supported(Syscall.EPOLL_CTL, EpollSyscalls::epoll_ctl);
    table.supported(Syscall.EPOLL_WAIT, EpollSyscalls::epoll_wait);
    table.supported(Syscall.EPOLL_PWAIT, EpollSyscalls::epoll_pwait);
    table.supported(Syscall.EPOLL_PWAIT2, EpollSyscalls::epoll_pwait2);
  }

  static long epoll_create(Task task, SyscallArgs args) {
    if (args.intAt(0) <= 0) {
      return -Errno.EINVAL;
    }
    return task.files().install(new EpollFile(OpenFlags.O_RDWR), false, 0);
  }

  static long epoll_create1(Task task, SyscallArgs args) {
    int flags = args.intAt(0);
    if ((flags & ~OpenFlags.O_CLOEXEC) != 0) {
      return -Errno.EINVAL;
    }
    return task.files().install(new EpollFile(OpenFlags.O_RDWR), flags != 0, 0);
  }

  static long epoll_ctl(Task task, SyscallArgs args) throws ErrnoException {
    int operation = args.intAt(1);
    int events = 0;
    long data = 0;
    if (operation != EPOLL_CTL_DEL) {
      StructReader struct = new StructReader(task.memory().readBytes(args.addressAt(3), EVENT));
      events = struct.intAt(0);
      data = struct.longAt(4);
    }
    OpenFileDescription file = Paths.file(task, args.intAt(0));
    try {
      OpenFileDescription target = Paths.file(task, args.intAt(2));
      try {
        return control(file, operation, args.intAt(2), target, events, data);
      } finally {
        target.drop();
      }
    } finally {
      file.drop();
    }
  }

  private static long control(
      OpenFileDescription file,
      int operation,
      int fd,
      OpenFileDescription target,
      int events,
      long data) {
    if (target.waitQueue() == null) {
      return -Errno.EPERM;
    }
    if (!(file instanceof EpollFile epoll) || target == file) {
      return -Errno.EINVAL;
    }
    return switch (operation) {
      case EPOLL_CTL_ADD -> epoll.add(fd, target, events, data);
      case EPOLL_CTL_MOD -> epoll.modify(fd, target, events, data);
      case EPOLL_CTL_DEL -> epoll.delete(fd, target);
      default -> -Errno.EINVAL;
    };
  }

  static long epoll_wait(Task task, SyscallArgs args) throws ErrnoException {
    return waitFor(task, args, milliseconds(args));
  }

  static long epoll_pwait(Task task, SyscallArgs args) throws ErrnoException {
    PollSyscalls.useMask(task, args.addressAt(4), args.longAt(5));
    return waitFor(task, args, milliseconds(args));
  }

  static long epoll_pwait2(Task task, SyscallArgs args) throws ErrnoException {
    long address = args.addressAt(3);
    long nanos = address == 0 ? -1 : Times.timespec(task.memory(), address);
    PollSyscalls.useMask(task, args.addressAt(4), args.longAt(5));
    return waitFor(task, args, nanos);
  }

  private static long milliseconds(SyscallArgs args) {
    long timeout = args.intAt(3);
    return timeout < 0 ? -1 : timeout * 1_000_000;
  }

  /**
   * @param nanos how long; -1 for ever
   */
  private static long waitFor(Task task, SyscallArgs args, long nanos) throws ErrnoException {
    int most = args.intAt(2);
    if (most <= 0 || most > MOST_EVENTS) {
      return -Errno.EINVAL;
    }
    OpenFileDescription file = Paths.file(task, args.intAt(0));
    if (!(file instanceof EpollFile epoll)) {
      file.drop();
      return -Errno.EINVAL;
    }
    EpollWait wait = new EpollWait(task, epoll, args.addressAt(1), Math.min(most, MOST_AT_ONCE));
    long first = wait.attempt();
    if (first != Results.NOT_YET || nanos == 0) {
      epoll.drop();
      return first == Results.NOT_YET ? 0 : first;
    }
    if (nanos > 0) {
      wait.until(Times.deadline(nanos));
    }
    return wait.on(epoll.waiters(), Events.READABLE).park();
  }

  /** Holds a reference to the epoll until it is finished. */
  private static final class EpollWait extends Wait {
    private final EpollFile epoll;
    private final long address;
    private final int most;
    private byte[] bytes = new byte[FIRST_SIZE];
    private int length;

    EpollWait(Task task, EpollFile epoll, long address, int most) {
      super(task);
      this.epoll = epoll;
      this.address = address;
      this.most = most;
    }

    @Override
    protected long attempt() {
      length = 0;
      int count = epoll.collect(most, this::add);
      if (count == 0) {
        return Results.NOT_YET;
      }
      long result = task().memory().copyOut(address, bytes, 0, length);
      return result < 0 ? result : count;
    }

    private boolean add(int events, long data) {
      if (length == bytes.length) {
        bytes = Arrays.copyOf(bytes, 2 * length);
      }
      for (int i = 0; i < 4; i++) {
        bytes[length + i] = (byte) (events >> (8 * i));
      }
      for (int i = 0; i < 8; i++) {
        bytes[length + 4 + i] = (byte) (data >> (8 * i));
      }
      length += EVENT;
      return true;
    }

    @Override
    protected long timedOut() {
      return 0;
    }

    @Override
    protected long interrupted() {
      return -Errno.EINTR;
    }

    @Override
    protected void finished() {
      epoll.drop();
    }
  }
}
