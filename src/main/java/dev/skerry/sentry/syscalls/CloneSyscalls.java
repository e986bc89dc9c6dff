package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Signal;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.Cloning;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.usermem.UserMemory;
import java.util.Arrays;

/** Making processes and threads: clone(2), clone3(2), fork(2), vfork(2). Linux: kernel/fork.c. */
final class CloneSyscalls {
  private static final long CSIGNAL = 0xff;
  private static final long CLONE_NEWTIME = 0x80;
  private static final long CLONE_INTO_CGROUP = 1L << 33;

  /** All flags of clone(2), without the signal. */
  private static final long LEGACY = 0xffff_ffffL;

  // A struct clone_args as it is, and as it was first.
  private static final int ARGS_SIZE = 88;
  private static final int FIRST_SIZE = 64;
  private static final long MOST_LEVELS = 32;

  private CloneSyscalls() {}

  static void register(SyscallTable table) {
    table.supported(Syscall.CLONE, CloneSyscalls::clone);
    table.partial(Syscall.CLONE3, CloneSyscalls::clone3, "cgroups are refused with EPERM");
    table.supported(Syscall.FORK, CloneSyscalls::fork);
    table.supported(Syscall.VFORK, CloneSyscalls::vfork);
  }

  static long clone(Task task, SyscallArgs args) {
    long parentTid = args.addressAt(2);
    return Cloning.clone(
        task,
        args.longAt(0) & LEGACY,
        args.addressAt(1),
        parentTid,
        parentTid,
        args.addressAt(3),
        args.addressAt(4));
  }

  static long fork(Task task, SyscallArgs args) {
    return Cloning.clone(task, Signal.SIGCHLD, 0, 0, 0, 0, 0);
  }

  static long vfork(Task task, SyscallArgs args) {
    long flags = Cloning.CLONE_VM | Cloning.CLONE_VFORK | Signal.SIGCHLD;
    return Cloning.clone(task, flags, 0, 0, 0, 0, 0);
  }

  static long clone3(Task task, SyscallArgs args) throws ErrnoException {
    long size = args.longAt(1);
    StructReader in =
        ExtensibleStruct.read(task.memory(), args.addressAt(0), size, FIRST_SIZE, ARGS_SIZE);
    long flags = in.longAt(0);
    long exitSignal = in.longAt(32);
    long stack = in.longAt(40);
    long stackSize = in.longAt(48);
    long levels = in.longAt(72);
    boolean badIds =
        Long.compareUnsigned(levels, MOST_LEVELS) > 0 || (in.longAt(64) == 0) != (levels == 0);
    boolean badSignal = exitSignal != 0 && (exitSignal & ~CSIGNAL) != 0;
    if (badIds || badSignal || (exitSignal != 0 && !Signal.isValid((int) exitSignal))) {
      return -Errno.EINVAL;
    }
    boolean unknownCgroup =
        (flags & CLONE_INTO_CGROUP) != 0
            && (size < ARGS_SIZE || Long.compareUnsigned(in.longAt(80), Integer.MAX_VALUE) > 0);
    if (unknownCgroup || !areValid(flags, exitSignal) || !isStack(stack, stackSize)) {
      return -Errno.EINVAL;
    }
    int[] numbers = new int[(int) levels];
    if (levels != 0) {
      StructReader list =
          new StructReader(task.memory().readBytes(in.longAt(64), numbers.length * Integer.BYTES));
      Arrays.setAll(numbers, i -> list.intAt(i * Integer.BYTES));
    }
    if ((flags & CLONE_INTO_CGROUP) != 0) {
      return -Errno.EPERM;
    }
    return Cloning.clone(
        task,
        flags | exitSignal,
        stack == 0 ? 0 : stack + stackSize,
        in.longAt(24),
        in.longAt(8),
        in.longAt(16),
        in.longAt(56),
        numbers);
  }

  private static boolean areValid(long flags, long exitSignal) {
    long known = LEGACY | Cloning.CLONE_CLEAR_SIGHAND | CLONE_INTO_CGROUP;
    long refused = Cloning.CLONE_DETACHED | (CSIGNAL & ~CLONE_NEWTIME);
    long handlers = Cloning.CLONE_SIGHAND | Cloning.CLONE_CLEAR_SIGHAND;
    boolean inherits = (flags & (Cloning.CLONE_THREAD | Cloning.CLONE_PARENT)) != 0;
    return (flags & ~known) == 0
        && (flags & refused) == 0
        && (flags & handlers) != handlers
        && !(inherits && exitSignal != 0);
  }

  private static boolean isStack(long stack, long size) {
    if (stack == 0) {
      return size == 0;
    }
    long end = stack + size;
    return size > 0 && stack > 0 && end > 0 && end <= UserMemory.END;
  }
}
