package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Capability;
import dev.skerry.sentry.kernel.PidFile;
import dev.skerry.sentry.kernel.SignalControl;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.usermem.UserMemory;
import dev.skerry.sentry.vfs.OpenFileDescription;
import org.jspecify.annotations.Nullable;

/** What one process may do with another's memory and files, if it may inspect it (ptrace(2)). */
final class ForeignSyscalls {
  private static final int IOV_MAX = 1024;
  private static final int IOVEC_SIZE = 16;
  private static final int CHUNK = 1 << 16;

  private static final int KCMP_FILE = 0;
  private static final int KCMP_VM = 1;
  private static final int KCMP_FILES = 2;
  private static final int KCMP_FS = 3;
  private static final int KCMP_SIGHAND = 4;
  private static final int KCMP_IO = 5;
  private static final int KCMP_SYSVSEM = 6;

  private static final int MADV_WILLNEED = 3;
  private static final int MADV_COLD = 20;
  private static final int MADV_PAGEOUT = 21;
  private static final int MADV_COLLAPSE = 25;
  private static final int PAGE_MASK = 4095;

  private ForeignSyscalls() {}

  static void register(SyscallTable table) {
    table.supported(Syscall.PROCESS_VM_READV, (task, args) -> transfer(task, args, false));
    table.supported(Syscall.PROCESS_VM_WRITEV, (task, args) -> transfer(task, args, true));
    table.partial(Syscall.KCMP, ForeignSyscalls::kcmp, "not of epoll");
    table.supported(Syscall.PIDFD_GETFD, ForeignSyscalls::pidfd_getfd);
    table.supported(Syscall.PROCESS_MRELEASE, ForeignSyscalls::process_mrelease);
    table.partial(
        Syscall.PROCESS_MADVISE, ForeignSyscalls::process_madvise, "hints are checked and ignored");
  }

  /** Walks a list of pieces of memory. */
  private static final class Pieces {
    private final StructReader vector;
    private final int count;
    private int index;
    private long done;

    Pieces(UserMemory memory, long address, long count) throws ErrnoException {
      this.count = (int) count;
      this.vector = new StructReader(memory.readBytes(address, this.count * IOVEC_SIZE));
      long total = 0;
      for (int i = 0; i < this.count; i++) {
        long length = vector.longAt(i * IOVEC_SIZE + 8);
        total += length;
        if (length < 0 || total < 0) {
          throw ErrnoException.of(Errno.EINVAL);
        }
      }
    }

    /** Bytes left in the present piece; 0 at the end of all. */
    long left() {
      while (index < count) {
        long left = vector.longAt(index * IOVEC_SIZE + 8) - done;
        if (left > 0) {
          return left;
        }
        index++;
        done = 0;
      }
      return 0;
    }

    long address() {
      return vector.longAt(index * IOVEC_SIZE) + done;
    }

    void advance(long bytes) {
      done += bytes;
    }
  }

  private static long transfer(Task task, SyscallArgs args, boolean write) throws ErrnoException {
    long localCount = args.longAt(2);
    long remoteCount = args.longAt(4);
    if (args.longAt(5) != 0
        || localCount < 0
        || localCount > IOV_MAX
        || remoteCount < 0
        || remoteCount > IOV_MAX) {
      return -Errno.EINVAL;
    }
    Pieces local = new Pieces(task.memory(), args.addressAt(1), localCount);
    Pieces remote = new Pieces(task.memory(), args.addressAt(3), remoteCount);
    Task other = task.pidNamespace().find(args.intAt(0));
    if (other == null || other.isDead()) {
      return -Errno.ESRCH;
    }
    if (!SignalControl.mayInspect(task, other)) {
      return -Errno.EPERM;
    }
    Pieces from = write ? local : remote;
    Pieces to = write ? remote : local;
    return write ? move(task, from, other, to) : move(other, from, task, to);
  }

  private static long move(Task source, Pieces from, Task target, Pieces to) {
    byte[] chunk = new byte[CHUNK];
    long total = 0;
    while (from.left() > 0 && to.left() > 0) {
      int length = (int) Math.min(Math.min(from.left(), to.left()), CHUNK);
      // The platform's own part of an address space is nobody's business.
      boolean there =
          source.mm().mayMap(from.address(), length) && target.mm().mayMap(to.address(), length);
      int got = there ? source.memory().copyInPartly(from.address(), chunk, 0, length) : 0;
      int put = got <= 0 ? 0 : target.memory().copyOutPartly(to.address(), chunk, 0, got);
      total += Math.max(put, 0);
      if (put < length) {
        return total > 0 ? total : -Errno.EFAULT;
      }
      from.advance(put);
      to.advance(put);
    }
    return total;
  }

  static long kcmp(Task task, SyscallArgs args) {
    Task first = task.pidNamespace().find(args.intAt(0));
    Task second = task.pidNamespace().find(args.intAt(1));
    if (first == null || second == null) {
      return -Errno.ESRCH;
    }
    if (!SignalControl.mayInspect(task, first) || !SignalControl.mayInspect(task, second)) {
      return -Errno.EPERM;
    }
    return switch (args.intAt(2)) {
      case KCMP_FILE -> compareFiles(first, args.intAt(3), second, args.intAt(4));
      case KCMP_VM -> order(first.mm(), second.mm());
      case KCMP_FILES -> order(first.files(), second.files());
      case KCMP_FS -> order(first.fs(), second.fs());
      case KCMP_SIGHAND -> order(first.group().handlers(), second.group().handlers());
      // Nobody has any, or they are of no consequence.
      case KCMP_IO, KCMP_SYSVSEM -> 0;
      default -> -Errno.EINVAL;
    };
  }

  private static long compareFiles(Task first, int firstFd, Task second, int secondFd) {
    OpenFileDescription one = first.files().acquire(firstFd);
    OpenFileDescription two = second.files().acquire(secondFd);
    try {
      return one == null || two == null ? -Errno.EBADF : order(one, two);
    } finally {
      drop(one);
      drop(two);
    }
  }

  private static void drop(@Nullable OpenFileDescription file) {
    if (file != null) {
      file.drop();
    }
  }

  /** 0 for the same, else 1 or 2 in an order that holds for the sandbox's life, mostly. */
  private static long order(Object one, Object two) {
    if (one == two) {
      return 0;
    }
    return System.identityHashCode(one) < System.identityHashCode(two) ? 1 : 2;
  }

  /** The task, or another of its process where that has ended; null if all have. */
  private static @Nullable Task living(@Nullable Task task) {
    return task == null || !task.isDead() ? task : task.group().anyThread();
  }

  static long pidfd_getfd(Task task, SyscallArgs args) {
    if (args.intAt(2) != 0) {
      return -Errno.EINVAL;
    }
    OpenFileDescription file = task.files().acquire(args.intAt(0));
    if (!(file instanceof PidFile pidFile)) {
      drop(file);
      return -Errno.EBADF;
    }
    Task other = living(pidFile.task());
    file.drop();
    if (other == null) {
      return -Errno.ESRCH;
    }
    if (!SignalControl.mayInspect(task, other)) {
      return -Errno.EPERM;
    }
    OpenFileDescription wanted = other.files().acquire(args.intAt(1));
    return wanted == null ? -Errno.EBADF : task.files().install(wanted, true, 0);
  }

  /** The memory of a process that is being killed goes with it, so there is nothing to do. */
  static long process_mrelease(Task task, SyscallArgs args) {
    if (args.intAt(1) != 0) {
      return -Errno.EINVAL;
    }
    PidTarget target = PidTarget.ofPidFile(task, args.intAt(0));
    if (target == null) {
      return -Errno.EBADF;
    }
    Task other = living(target.task());
    if (other == null) {
      return -Errno.ESRCH;
    }
    return other.group().isExiting() ? 0 : -Errno.EINVAL;
  }

  static long process_madvise(Task task, SyscallArgs args) throws ErrnoException {
    long count = args.longAt(2);
    if (args.intAt(4) != 0 || count < 0 || count > IOV_MAX) {
      return -Errno.EINVAL;
    }
    Pieces pieces = new Pieces(task.memory(), args.addressAt(1), count);
    PidTarget target = PidTarget.ofPidFile(task, args.intAt(0));
    if (target == null) {
      return -Errno.EBADF;
    }
    Task other = living(target.task());
    if (other == null) {
      return -Errno.ESRCH;
    }
    if (!SignalControl.mayInspect(task, other)) {
      return -Errno.EACCES;
    }
    boolean nice = task.credentials().hasCapability(Capability.SYS_NICE);
    if (!isHint(args.intAt(3))) {
      return -Errno.EINVAL;
    }
    return task.mm() != other.mm() && !nice ? -Errno.EPERM : advise(other, pieces);
  }

  /** Advice that changes no content. */
  private static boolean isHint(int advice) {
    return advice == MADV_WILLNEED
        || advice == MADV_COLD
        || advice == MADV_PAGEOUT
        || advice == MADV_COLLAPSE;
  }

  /** The bytes up to the first piece that is not mapped. */
  private static long advise(Task other, Pieces pieces) {
    long total = 0;
    for (long length = pieces.left(); length > 0; length = pieces.left()) {
      long address = pieces.address();
      long end = (address + length + PAGE_MASK) & ~(long) PAGE_MASK;
      if ((address & PAGE_MASK) != 0 || end < address) {
        return total > 0 ? total : -Errno.EINVAL;
      }
      boolean mapped =
          other.mm().mayMap(address, length)
              && other.mm().isMapped(other.thread().hostTid(), address, end - address);
      if (!mapped) {
        return total > 0 ? total : -Errno.ENOMEM;
      }
      total += length;
      pieces.advance(length);
    }
    return total;
  }
}
