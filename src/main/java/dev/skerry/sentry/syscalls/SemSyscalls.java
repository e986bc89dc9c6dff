package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.ipc.IpcTable;
import dev.skerry.sentry.ipc.SemaphoreSet;
import dev.skerry.sentry.kernel.Kernel;
import dev.skerry.sentry.kernel.Results;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.kernel.ThreadGroup;
import dev.skerry.sentry.kernel.Wait;
import dev.skerry.sentry.sysctl.Sysctl;
import dev.skerry.sentry.waiter.Events;

/** System V semaphores (semget(2), semop(2), semctl(2)). */
final class SemSyscalls {

  // Where they are among the numbers of kernel.sem: the most semaphores of a set, of all sets, the
  // most operations of a call, the most sets.
  private static final int SEMMSL = 0;
  private static final int SEMMNS = 1;
  private static final int SEMOPM = 2;
  private static final int SEMMNI = 3;

  /** The most semaphores of a set, whatever SEMMSL says: they are the sentry's heap. */
  private static final int MOST_SEMAPHORES = 32000;

  /** The most operations of a call, as {@link #MOST_SEMAPHORES}. */
  private static final int MOST_OPERATIONS = 4096;

  private static final int GETPID = 11;
  private static final int GETVAL = 12;
  private static final int GETALL = 13;
  private static final int GETNCNT = 14;
  private static final int GETZCNT = 15;
  private static final int SETVAL = 16;
  private static final int SETALL = 17;
  private static final int SEM_STAT = 18;
  private static final int SEM_INFO = 19;
  private static final int SEM_STAT_ANY = 20;
  private static final int SEMID_DS = 104;
  private static final int SEMINFO = 40;
  private static final int SEMBUF = 6;

  private SemSyscalls() {}

  static void register(SyscallTable table, Kernel kernel) {
    SemSyscalls calls = new SemSyscalls();
    table.supported(Syscall.SEMGET, calls::semget);
    table.supported(Syscall.SEMOP, calls::semop);
    table.supported(Syscall.SEMTIMEDOP, calls::semtimedop);
    table.supported(Syscall.SEMCTL, calls::semctl);
    kernel.onProcessExit(group -> undo(kernel, group));
  }

  private static IpcTable<SemaphoreSet> table(Task task) {
    return IpcNamespace.of(task).semaphores();
  }

  /** Undoes what the process has not (SEM_UNDO) before it ends or leaves its namespace. */
  static void undo(Kernel kernel, ThreadGroup group) {
    for (SemaphoreSet set : table(group.leader()).all()) {
      set.undo(group, group.tgid(), kernel.clock().realtime() / Times.SECOND);
    }
  }

  long semget(Task task, SyscallArgs args) throws ErrnoException {
    int count = args.intAt(1);
    if (count < 0 || count > Math.min(limit(task, SEMMSL), MOST_SEMAPHORES)) {
      return -Errno.EINVAL;
    }
    return table(task)
        .get(
            task.credentials(),
            args.intAt(0),
            args.intAt(2),
            set -> {
              if (count > set.size()) {
                throw ErrnoException.of(Errno.EINVAL);
              }
            },
            (id, sequence) -> {
              if (count == 0) {
                throw ErrnoException.of(Errno.EINVAL);
              }
              if (used(task) + (long) count > limit(task, SEMMNS)) {
                throw ErrnoException.of(Errno.ENOSPC);
              }
              return new SemaphoreSet(
                  id,
                  sequence,
                  args.intAt(0),
                  args.intAt(2),
                  task.credentials(),
                  IpcStructs.seconds(task),
                  count);
            });
  }

  long semop(Task task, SyscallArgs args) throws ErrnoException {
    return operate(task, args, 0);
  }

  long semtimedop(Task task, SyscallArgs args) throws ErrnoException {
    return operate(task, args, args.addressAt(3));
  }

  private long operate(Task task, SyscallArgs args, long timeoutAddress) throws ErrnoException {
    long count = args.longAt(2) & 0xffff_ffffL;
    if (count < 1 || args.intAt(0) < 0) {
      return -Errno.EINVAL;
    }
    if (count > Math.min(limit(task, SEMOPM), MOST_OPERATIONS)) {
      return -Errno.E2BIG;
    }
    StructReader bytes = IpcStructs.read(task, args.addressAt(1), (int) count * SEMBUF);
    long deadline =
        timeoutAddress == 0 ? 0 : Times.deadline(Times.timespec(task.memory(), timeoutAddress));
    SemaphoreSet set = table(task).byId(args.intAt(0));
    SemaphoreSet.Operation[] operations = new SemaphoreSet.Operation[(int) count];
    boolean alters = false;
    for (int i = 0; i < count; i++) {
      int index = bytes.shortAt(i * SEMBUF) & 0xffff;
      int change = bytes.shortAt(i * SEMBUF + 2);
      if (index >= set.size()) {
        return -Errno.EFBIG;
      }
      alters |= change != 0;
      operations[i] = new SemaphoreSet.Operation(index, change, bytes.shortAt(i * SEMBUF + 4));
    }
    if (!set.allows(task.credentials(), alters ? IpcStructs.WRITE : IpcStructs.READ)) {
      return -Errno.EACCES;
    }
    SemaphoreWait wait = new SemaphoreWait(task, set, operations);
    long result = wait.attempt();
    if (result != Results.NOT_YET) {
      return result;
    }
    if (set.mustNotWait(operations)) {
      return -Errno.EAGAIN;
    }
    set.addWaiting(operations);
    wait.on(set.queue(), Events.READABLE);
    if (timeoutAddress != 0) {
      wait.until(deadline);
    }
    return wait.park();
  }

  /** A semop(2) that waits. */
  private static final class SemaphoreWait extends Wait {
    private final SemaphoreSet set;
    private final SemaphoreSet.Operation[] operations;

    SemaphoreWait(Task task, SemaphoreSet set, SemaphoreSet.Operation[] operations) {
      super(task);
      this.set = set;
      this.operations = operations;
    }

    @Override
    protected long attempt() {
      return set.operate(
          operations, task().group(), task().group().tgid(), IpcStructs.seconds(task()));
    }

    @Override
    protected long timedOut() {
      return -Errno.EAGAIN;
    }

    @Override
    protected long interrupted() {
      return -Errno.EINTR;
    }

    @Override
    protected void finished() {
      set.removeWaiting(operations);
    }
  }

  long semctl(Task task, SyscallArgs args) throws ErrnoException {
    int command = args.intAt(2) & ~IpcStructs.IPC_64;
    long argument = args.addressAt(3);
    switch (command) {
      case IpcStructs.IPC_INFO, SEM_INFO -> {
        info(task, command == SEM_INFO).copyOut(task.memory(), argument);
        return table(task).highestIndex();
      }
      case SEM_STAT, SEM_STAT_ANY -> {
        SemaphoreSet set = table(task).byIndex(args.intAt(0));
        if (command == SEM_STAT && !set.allows(task.credentials(), IpcStructs.READ)) {
          return -Errno.EACCES;
        }
        stat(task, set).copyOut(task.memory(), argument);
        return set.id();
      }
      default -> {
        return control(task, table(task).byId(args.intAt(0)), args.intAt(1), command, argument);
      }
    }
  }

  private static int limit(Task task, int which) {
    return (int) IpcNamespace.setting(task, Sysctl.SEM, which);
  }

  /** How many semaphores there are. */
  private static int used(Task task) {
    int semaphores = 0;
    for (SemaphoreSet set : table(task).all()) {
      semaphores += set.size();
    }
    return semaphores;
  }

  private static StructWriter info(Task task, boolean used) {
    return new StructWriter(SEMINFO)
        .putInt(0, limit(task, SEMMNS))
        .putInt(4, limit(task, SEMMNI))
        .putInt(8, limit(task, SEMMNS))
        .putInt(12, limit(task, SEMMNS))
        .putInt(16, limit(task, SEMMSL))
        .putInt(20, limit(task, SEMOPM))
        .putInt(24, limit(task, SEMOPM))
        .putInt(28, used ? table(task).all().size() : 20)
        .putInt(32, SemaphoreSet.MOST_VALUE)
        .putInt(36, used ? used(task) : SemaphoreSet.MOST_VALUE);
  }

  private static StructWriter stat(Task task, SemaphoreSet set) {
    return IpcStructs.putPermissions(task, new StructWriter(SEMID_DS), set)
        .putLong(48, set.operationTime())
        .putLong(64, set.changeTime())
        .putLong(80, set.size());
  }

  private long control(Task task, SemaphoreSet set, int index, int command, long argument)
      throws ErrnoException {
    switch (command) {
      case IpcStructs.IPC_RMID, IpcStructs.IPC_SET -> {
        if (!set.isOwner(task.credentials())) {
          return -Errno.EPERM;
        }
        if (command == IpcStructs.IPC_RMID) {
          table(task).remove(set);
        } else {
          IpcStructs.setOwner(task, set, IpcStructs.read(task, argument, SEMID_DS));
        }
        return 0;
      }
      case IpcStructs.IPC_STAT -> {
        if (!set.allows(task.credentials(), IpcStructs.READ)) {
          return -Errno.EACCES;
        }
        stat(task, set).copyOut(task.memory(), argument);
        return 0;
      }
      case GETALL -> {
        if (!set.allows(task.credentials(), IpcStructs.READ)) {
          return -Errno.EACCES;
        }
        StructWriter values = new StructWriter(set.size() * Short.BYTES);
        for (int i = 0; i < set.size(); i++) {
          values.putShort(i * Short.BYTES, set.value(i));
        }
        values.copyOut(task.memory(), argument);
        return 0;
      }
      case SETALL -> {
        return setAll(task, set, argument);
      }
      case GETPID, GETVAL, GETNCNT, GETZCNT, SETVAL -> {
        return one(task, set, index, command, (int) argument);
      }
      default -> {
        return -Errno.EINVAL;
      }
    }
  }

  private static long setAll(Task task, SemaphoreSet set, long address) throws ErrnoException {
    if (!set.allows(task.credentials(), IpcStructs.WRITE)) {
      return -Errno.EACCES;
    }
    StructReader struct = IpcStructs.read(task, address, set.size() * Short.BYTES);
    int[] values = new int[set.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = struct.shortAt(i * Short.BYTES) & 0xffff;
      if (values[i] > SemaphoreSet.MOST_VALUE) {
        return -Errno.ERANGE;
      }
    }
    set.set(0, values, task.group().tgid(), IpcStructs.seconds(task));
    return 0;
  }

  private static long one(Task task, SemaphoreSet set, int index, int command, int value) {
    int wanted = command == SETVAL ? IpcStructs.WRITE : IpcStructs.READ;
    if (command == SETVAL && (value < 0 || value > SemaphoreSet.MOST_VALUE)) {
      return -Errno.ERANGE;
    }
    if (!set.allows(task.credentials(), wanted)) {
      return -Errno.EACCES;
    }
    if (index < 0 || index >= set.size()) {
      return -Errno.EINVAL;
    }
    return switch (command) {
      case GETPID -> task.pidNamespace().number(set.pid(index));
      case GETVAL -> set.value(index);
      case GETNCNT -> set.countWaiting(index, false);
      case GETZCNT -> set.countWaiting(index, true);
      default -> {
        set.set(index, new int[] {value}, task.group().tgid(), IpcStructs.seconds(task));
        yield 0;
      }
    };
  }
}
