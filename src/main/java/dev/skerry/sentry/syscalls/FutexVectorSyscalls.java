package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.futex.FutexKeys;
import dev.skerry.sentry.futex.FutexTable;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.usermem.UserMemory;
import java.util.ArrayList;
import java.util.List;

/** The calls whose futexes have flags of their own: futex_waitv(2) and those that came with it. */
final class FutexVectorSyscalls {
  private static final int SIZE_MASK = 3;
  private static final int SIZE_U32 = 2;

  /** A word behind the futex names a node of memory. */
  private static final int NUMA = 4;

  private static final int MPOL = 8;
  private static final int PRIVATE = 128;
  private static final int VALID = SIZE_MASK | NUMA | MPOL | PRIVATE;

  /** The node word that leaves the choice to the kernel. */
  private static final int NO_NODE = -1;

  /** FUTEX_WAITV_MAX. */
  private static final int MOST = 128;

  /** sizeof(struct futex_waitv). */
  private static final int WAITV = 24;

  private final FutexTable table;
  private final FutexKeys keys;

  FutexVectorSyscalls(FutexTable table, FutexKeys keys) {
    this.table = table;
    this.keys = keys;
  }

  void register(SyscallTable calls) {
    calls.supported(Syscall.FUTEX_WAITV, this::futex_waitv);
    calls.supported(Syscall.FUTEX_WAKE, this::futex_wake);
    calls.supported(Syscall.FUTEX_WAIT, this::futex_wait);
    calls.supported(Syscall.FUTEX_REQUEUE, this::futex_requeue);
  }

  long futex_wake(Task task, SyscallArgs args) throws ErrnoException {
    int flags = checked(args.intAt(3), args.longAt(1));
    int bitset = args.intAt(1);
    if (bitset == 0) {
      return -Errno.EINVAL;
    }
    FutexTable.Key key = key(task, args.addressAt(0), flags);
    int count = args.intAt(2);
    return count == 0 ? 0 : table.wake(key, Math.max(count, 1), bitset);
  }

  long futex_wait(Task task, SyscallArgs args) throws ErrnoException {
    int flags = checked(args.intAt(3), args.longAt(1));
    checked(flags, args.longAt(2));
    FutexTable.Deadline deadline = deadline(task, args.addressAt(4), args.intAt(5));
    int bitset = args.intAt(2);
    if (bitset == 0) {
      return -Errno.EINVAL;
    }
    long address = args.addressAt(0);
    FutexTable.Key key = key(task, address, flags);
    FutexTable.Condition condition = new FutexTable.Condition(key, address, args.intAt(1));
    return table.await(task, condition, bitset, deadline, false);
  }

  long futex_requeue(Task task, SyscallArgs args) throws ErrnoException {
    if (args.intAt(1) != 0 || args.addressAt(0) == 0) {
      return -Errno.EINVAL;
    }
    List<Waiter> both = waiters(task, args.addressAt(0), 2);
    int woken = args.intAt(2);
    int moved = args.intAt(3);
    if (woken < 0 || moved < 0) {
      return -Errno.EINVAL;
    }
    FutexTable.Condition from = condition(task, both.get(0));
    Waiter target = both.get(1);
    FutexTable.Key to = key(task, target.address, target.flags);
    return table.requeue(from, to, woken, moved, task.memory());
  }

  long futex_waitv(Task task, SyscallArgs args) throws ErrnoException {
    long vector = args.addressAt(0);
    int count = args.intAt(1);
    if (args.intAt(2) != 0 || count <= 0 || count > MOST || vector == 0) {
      return -Errno.EINVAL;
    }
    FutexTable.Deadline deadline = deadline(task, args.addressAt(3), args.intAt(4));
    List<FutexTable.Condition> conditions = new ArrayList<>(count);
    for (Waiter waiter : waiters(task, vector, count)) {
      conditions.add(condition(task, waiter));
    }
    return table.awaitAny(task, conditions, deadline);
  }

  /** A struct futex_waitv. */
  private record Waiter(long address, int expected, int flags) {}

  private static List<Waiter> waiters(Task task, long vector, int count) throws ErrnoException {
    List<Waiter> all = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      long at = vector + (long) i * WAITV;
      StructReader struct = new StructReader(task.memory().readBytes(at, WAITV));
      if (struct.intAt(20) != 0) {
        throw ErrnoException.of(Errno.EINVAL);
      }
      int flags = checked(struct.intAt(16), struct.longAt(0));
      all.add(new Waiter(struct.longAt(8), struct.intAt(0), flags));
    }
    return all;
  }

  private FutexTable.Condition condition(Task task, Waiter waiter) throws ErrnoException {
    FutexTable.Key key = key(task, waiter.address, waiter.flags);
    return new FutexTable.Condition(key, waiter.address, waiter.expected);
  }

  /** The flags, if they are known and the value is one of that size; else EINVAL. */
  private static int checked(int flags, long value) throws ErrnoException {
    boolean known = (flags & ~VALID) == 0 && (flags & SIZE_MASK) == SIZE_U32;
    if (!known || value >>> 32 != 0) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    return flags;
  }

  private FutexTable.Key key(Task task, long address, int flags) throws ErrnoException {
    boolean local = (flags & PRIVATE) != 0;
    if ((flags & NUMA) == 0) {
      return FutexSyscalls.key(keys, task, address, local);
    }
    if ((address & 7) != 0) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    UserMemory memory = task.memory();
    int node = memory.readInt(address + 4);
    if (node != NO_NODE && node != 0) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    FutexTable.Key key = FutexSyscalls.key(keys, task, address, local);
    if (node == NO_NODE) {
      // The only node there is.
      memory.writeInt(address + 4, 0);
    }
    return key;
  }

  private static FutexTable.Deadline deadline(Task task, long address, int clock)
      throws ErrnoException {
    if (address == 0) {
      return FutexTable.Deadline.NEVER;
    }
    if (clock != Clocks.REALTIME && clock != Clocks.MONOTONIC) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    return FutexSyscalls.deadline(task, address, clock == Clocks.REALTIME);
  }
}
