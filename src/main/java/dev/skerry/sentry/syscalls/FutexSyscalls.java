package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.futex.FutexExit;
import dev.skerry.sentry.futex.FutexKeys;
import dev.skerry.sentry.futex.FutexTable;
import dev.skerry.sentry.futex.PiFutexes;
import dev.skerry.sentry.kernel.Kernel;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.usermem.UserMemory;

/** futex(2). */
final class FutexSyscalls {
  private static final int WAIT = 0;
  private static final int WAKE = 1;
  private static final int REQUEUE = 3;
  private static final int CMP_REQUEUE = 4;
  private static final int WAKE_OP = 5;
  private static final int WAIT_BITSET = 9;
  private static final int WAKE_BITSET = 10;
  private static final int LOCK_PI = 6;
  private static final int UNLOCK_PI = 7;
  private static final int TRYLOCK_PI = 8;
  private static final int WAIT_REQUEUE_PI = 11;
  private static final int CMP_REQUEUE_PI = 12;
  private static final int LOCK_PI2 = 13;
  private static final int PRIVATE_FLAG = 128;
  private static final int CLOCK_REALTIME = 256;

  private static final int TID_MASK = 0x3fff_ffff;

  private static final int OP_SET = 0;
  private static final int OP_ADD = 1;
  private static final int OP_OR = 2;
  private static final int OP_ANDN = 3;
  private static final int OP_XOR = 4;
  private static final int OP_ARG_SHIFT = 8;

  private final FutexTable table = new FutexTable();
  private final FutexKeys keys = new FutexKeys();
  private final PiFutexes owners = new PiFutexes(table);

  private FutexSyscalls() {}

  static void register(SyscallTable table, Kernel kernel) {
    FutexSyscalls calls = new FutexSyscalls();
    FutexExit exit = new FutexExit(calls.table, calls.keys, calls.owners);
    kernel.setFutexes(exit, exit);
    table.partial(Syscall.FUTEX, calls::futex, "owners inherit no priority, as there is none");
    new FutexVectorSyscalls(calls.table, calls.keys).register(table);
  }

  private FutexTable.Key key(Task task, long address, boolean local) throws ErrnoException {
    return key(keys, task, address, local);
  }

  static FutexTable.Key key(FutexKeys keys, Task task, long address, boolean local)
      throws ErrnoException {
    if ((address & 3) != 0) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    if (address < 0 || address >= UserMemory.END) {
      throw ErrnoException.of(Errno.EFAULT);
    }
    if (local) {
      return keys.local(task, address);
    }
    // The page is looked for, unless the futex is private.
    if (task.memory().loadInt(address) < 0) {
      throw ErrnoException.of(Errno.EFAULT);
    }
    return keys.shared(task, address);
  }

  long futex(Task task, SyscallArgs args) throws ErrnoException {
    long address = args.addressAt(0);
    int operation = args.intAt(1);
    int command = operation & ~(PRIVATE_FLAG | CLOCK_REALTIME);
    boolean local = (operation & PRIVATE_FLAG) != 0;
    boolean realtime = (operation & CLOCK_REALTIME) != 0;
    if (realtime && command != WAIT_BITSET && command != WAIT_REQUEUE_PI && command != LOCK_PI2) {
      return -Errno.ENOSYS;
    }
    return switch (command) {
      case WAIT, WAIT_BITSET -> await(task, args, command, local, realtime);
      case WAKE -> wake(task, address, args.intAt(2), FutexTable.EVERYBODY, local);
      case WAKE_BITSET -> wake(task, address, args.intAt(2), args.intAt(5), local);
      case REQUEUE -> requeue(task, args, local, false);
      case CMP_REQUEUE -> requeue(task, args, local, true);
      case WAKE_OP -> wakeOp(task, args, local);
      case WAIT_REQUEUE_PI -> awaitMove(task, args, local, realtime);
      case CMP_REQUEUE_PI -> requeueToOwner(task, args, local);
      case LOCK_PI -> lock(task, args, local, true);
      case LOCK_PI2 -> lock(task, args, local, realtime);
      case TRYLOCK_PI ->
          owners.lock(task, key(task, address, local), address, false, FutexTable.Deadline.NEVER);
      case UNLOCK_PI -> unlock(task, address, local);
      default -> -Errno.ENOSYS;
    };
  }

  private long await(Task task, SyscallArgs args, int command, boolean local, boolean realtime)
      throws ErrnoException {
    int bitset = command == WAIT_BITSET ? args.intAt(5) : FutexTable.EVERYBODY;
    FutexTable.Deadline deadline = FutexTable.Deadline.NEVER;
    if (args.addressAt(3) != 0) {
      long nanos = Times.timespec(task.memory(), args.addressAt(3));
      long when = Times.deadline(nanos);
      if (command == WAIT_BITSET) {
        when = Clocks.monotonic(task, realtime ? Clocks.REALTIME : Clocks.MONOTONIC, nanos);
      }
      deadline = new FutexTable.Deadline(true, when);
    }
    if (bitset == 0) {
      return -Errno.EINVAL;
    }
    return table.await(task, condition(task, args, local, 2), bitset, deadline, true);
  }

  private FutexTable.Condition condition(Task task, SyscallArgs args, boolean local, int expected)
      throws ErrnoException {
    long address = args.addressAt(0);
    FutexTable.Key key = key(task, address, local);
    return new FutexTable.Condition(key, address, args.intAt(expected));
  }

  /** An absolute time of one of two clocks. */
  static FutexTable.Deadline deadline(Task task, long address, boolean realtime)
      throws ErrnoException {
    if (address == 0) {
      return FutexTable.Deadline.NEVER;
    }
    long nanos = Times.timespec(task.memory(), address);
    int clock = realtime ? Clocks.REALTIME : Clocks.MONOTONIC;
    return new FutexTable.Deadline(true, Clocks.monotonic(task, clock, nanos));
  }

  private long awaitMove(Task task, SyscallArgs args, boolean local, boolean realtime)
      throws ErrnoException {
    FutexTable.Deadline deadline = deadline(task, args.addressAt(3), realtime);
    long targetAddress = args.addressAt(4);
    if (args.addressAt(0) == targetAddress) {
      return -Errno.EINVAL;
    }
    FutexTable.Key target = key(task, targetAddress, local);
    FutexTable.Condition condition = condition(task, args, local, 2);
    if (condition.key().isSame(target)) {
      return -Errno.EINVAL;
    }
    return owners.awaitMove(task, condition, target, targetAddress, deadline);
  }

  private long requeueToOwner(Task task, SyscallArgs args, boolean local) throws ErrnoException {
    int moved = args.intAt(3);
    long targetAddress = args.addressAt(4);
    if (args.intAt(2) != 1 || moved < 0 || args.addressAt(0) == targetAddress) {
      return -Errno.EINVAL;
    }
    FutexTable.Condition from = condition(task, args, local, 5);
    FutexTable.Key to = key(task, targetAddress, local);
    if (from.key().isSame(to)) {
      return -Errno.EINVAL;
    }
    return owners.requeue(task, from, to, targetAddress, moved);
  }

  private long lock(Task task, SyscallArgs args, boolean local, boolean realtime)
      throws ErrnoException {
    FutexTable.Deadline deadline = deadline(task, args.addressAt(3), realtime);
    long address = args.addressAt(0);
    return owners.lock(task, key(task, address, local), address, true, deadline);
  }

  /** Only the owner may: that is looked at first. */
  private long unlock(Task task, long address, boolean local) throws ErrnoException {
    long value = task.memory().loadInt(address);
    if (value < 0) {
      return value;
    }
    if (((int) value & TID_MASK) != task.pidNamespace().number(task)) {
      return -Errno.EPERM;
    }
    return owners.unlock(task, key(task, address, local), address);
  }

  private long wake(Task task, long address, int count, int bitset, boolean local)
      throws ErrnoException {
    if (bitset == 0) {
      return -Errno.EINVAL;
    }
    return table.wake(key(task, address, local), Math.max(count, 1), bitset);
  }

  private long requeue(Task task, SyscallArgs args, boolean local, boolean compare)
      throws ErrnoException {
    int woken = args.intAt(2);
    int moved = args.intAt(3);
    if (woken < 0 || moved < 0) {
      return -Errno.EINVAL;
    }
    FutexTable.Condition from = condition(task, args, local, 5);
    FutexTable.Key to = key(task, args.addressAt(4), local);
    return table.requeue(from, to, woken, moved, compare ? task.memory() : null);
  }

  private long wakeOp(Task task, SyscallArgs args, boolean local) throws ErrnoException {
    int encoded = args.intAt(5);
    int operation = (encoded >>> 28) & 7;
    int comparison = (encoded >>> 24) & 15;
    int argument = encoded << 8 >> 20;
    int operand = encoded << 20 >> 20;
    if ((encoded >>> 28 & OP_ARG_SHIFT) != 0) {
      argument = 1 << (argument & 31);
    }
    if (operation > OP_XOR || comparison > 5) {
      return -Errno.ENOSYS;
    }
    int shifted = argument;
    long address = args.addressAt(4);
    UserMemory memory = task.memory();
    return table.wakeAndChange(
        key(task, args.addressAt(0), local),
        key(task, address, local),
        Math.max(args.intAt(2), 1),
        Math.max(args.intAt(3), 1),
        () -> change(memory, address, operation, shifted),
        before -> compare(before, comparison, operand));
  }

  private static long change(UserMemory memory, long address, int operation, int argument) {
    while (true) {
      long before = memory.loadInt(address);
      if (before < 0) {
        return before;
      }
      int old = (int) before;
      int update =
          switch (operation) {
            case OP_SET -> argument;
            case OP_ADD -> old + argument;
            case OP_OR -> old | argument;
            case OP_ANDN -> old & ~argument;
            default -> old ^ argument;
          };
      long seen = memory.compareAndSwapInt(address, old, update);
      if (seen < 0 || seen == before) {
        return seen;
      }
    }
  }

  private static boolean compare(int before, int comparison, int operand) {
    return switch (comparison) {
      case 0 -> before == operand;
      case 1 -> before != operand;
      case 2 -> before < operand;
      case 3 -> before <= operand;
      case 4 -> before > operand;
      default -> before >= operand;
    };
  }
}
