package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.Results;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.kernel.Wait;
import dev.skerry.sentry.vfs.FileLocks;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.waiter.Events;

/** Advisory locks: flock(2), and fcntl(2) with F_SETLK and its like. */
final class LockSyscalls {
  private static final int F_GETLK = 5;
  private static final int F_SETLK = 6;
  private static final int F_SETLKW = 7;
  private static final int F_OFD_GETLK = 36;
  private static final int F_OFD_SETLK = 37;
  private static final int F_OFD_SETLKW = 38;
  private static final int F_RDLCK = 0;
  private static final int F_WRLCK = 1;
  private static final int F_UNLCK = 2;
  private static final int LOCK_SH = 1;
  private static final int LOCK_EX = 2;
  private static final int LOCK_NB = 4;
  private static final int LOCK_UN = 8;
  private static final int SEEK_SET = 0;
  private static final int SEEK_CUR = 1;
  private static final int SEEK_END = 2;

  /** sizeof(struct flock). */
  private static final int FLOCK_SIZE = 32;

  private LockSyscalls() {}

  static void register(SyscallTable table) {
    table.supported(Syscall.FLOCK, LockSyscalls::flock);
  }

  static long flock(Task task, SyscallArgs args) throws ErrnoException {
    int operation = args.intAt(1);
    int kind = operation & ~LOCK_NB;
    if (kind != LOCK_SH && kind != LOCK_EX && kind != LOCK_UN) {
      return -Errno.EINVAL;
    }
    OpenFileDescription file = Paths.file(task, args.intAt(0));
    try {
      FileLocks locks = file.locks();
      if (kind == LOCK_UN) {
        locks.unlockWhole(file);
        return 0;
      }
      boolean exclusive = kind == LOCK_EX;
      if ((operation & LOCK_NB) != 0) {
        return locks.lockWhole(file, exclusive);
      }
      file.acquire();
      return new WholeLock(task, file, exclusive).on(locks.queue(), Events.READABLE).park();
    } finally {
      file.drop();
    }
  }

  private static final class WholeLock extends Wait {
    private final OpenFileDescription file;
    private final boolean exclusive;

    WholeLock(Task task, OpenFileDescription file, boolean exclusive) {
      super(task);
      this.file = file;
      this.exclusive = exclusive;
    }

    @Override
    protected long attempt() {
      return file.locks().lockWhole(file, exclusive);
    }

    @Override
    protected void finished() {
      file.drop();
    }
  }

  /** The lock commands of fcntl(2); EINVAL for all others. */
  static long fcntl(Task task, OpenFileDescription file, int command, long address)
      throws ErrnoException {
    return switch (command) {
      case F_GETLK -> get(task, file, address, task.files());
      case F_OFD_GETLK -> get(task, file, address, file);
      case F_SETLK -> set(task, file, address, task.files(), false);
      case F_SETLKW -> set(task, file, address, task.files(), true);
      case F_OFD_SETLK -> set(task, file, address, file, false);
      case F_OFD_SETLKW -> set(task, file, address, file, true);
      default -> {
        task.kernel().dispatcher().note(task, Syscall.FCNTL, "command " + command);
        yield -Errno.EINVAL;
      }
    };
  }

  private static StructReader read(Task task, OpenFileDescription file, long address, Object owner)
      throws ErrnoException {
    StructReader struct = new StructReader(task.memory().readBytes(address, FLOCK_SIZE));
    if (owner == file && struct.intAt(24) != 0) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    return struct;
  }

  private static FileLocks.Lock decode(
      Task task, OpenFileDescription file, StructReader struct, Object owner)
      throws ErrnoException {
    long base =
        switch (struct.shortAt(2)) {
          case SEEK_SET -> 0;
          case SEEK_CUR -> Math.max(file.seek(0, SEEK_CUR), 0);
          case SEEK_END -> file.stat().size();
          default -> throw ErrnoException.of(Errno.EINVAL);
        };
    long start = base + struct.longAt(8);
    long length = struct.longAt(16);
    if (struct.longAt(8) > 0 && start < base) {
      throw ErrnoException.of(Errno.EOVERFLOW);
    }
    long end = length == 0 ? Long.MAX_VALUE : start + length - 1;
    if (length < 0) {
      end = start - 1;
      start += length;
    }
    if (start < 0) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    if (end < start) {
      throw ErrnoException.of(Errno.EOVERFLOW);
    }
    int pid = owner == file ? -1 : task.group().tgid();
    return new FileLocks.Lock(owner, pid, struct.shortAt(0) == F_WRLCK, start, end);
  }

  private static long get(Task task, OpenFileDescription file, long address, Object owner)
      throws ErrnoException {
    StructReader struct = read(task, file, address, owner);
    int type = struct.shortAt(0);
    if (type != F_RDLCK && type != F_WRLCK) {
      return -Errno.EINVAL;
    }
    FileLocks.Lock wanted = decode(task, file, struct, owner);
    FileLocks.Lock blocker = file.locks().conflict(wanted);
    StructWriter result = new StructWriter(FLOCK_SIZE);
    if (blocker == null) {
      result
          .putShort(0, F_UNLCK)
          .putShort(2, struct.shortAt(2))
          .putLong(8, struct.longAt(8))
          .putLong(16, struct.longAt(16))
          .putInt(24, struct.intAt(24));
    } else {
      boolean toEnd = blocker.end() == Long.MAX_VALUE;
      result
          .putShort(0, blocker.exclusive() ? F_WRLCK : F_RDLCK)
          .putShort(2, SEEK_SET)
          .putLong(8, blocker.start())
          .putLong(16, toEnd ? 0 : blocker.end() - blocker.start() + 1)
          .putInt(24, blocker.pid() < 0 ? -1 : task.pidNamespace().number(blocker.pid()));
    }
    return result.tryCopyOut(task.memory(), address);
  }

  private static long set(
      Task task, OpenFileDescription file, long address, Object owner, boolean waits)
      throws ErrnoException {
    StructReader struct = read(task, file, address, owner);
    FileLocks.Lock wanted = decode(task, file, struct, owner);
    switch (struct.shortAt(0)) {
      case F_RDLCK -> {
        if (!file.isReadable()) {
          return -Errno.EBADF;
        }
      }
      case F_WRLCK -> {
        if (!file.isWritable()) {
          return -Errno.EBADF;
        }
      }
      case F_UNLCK -> {
        file.locks().unlock(owner, wanted.start(), wanted.end());
        return 0;
      }
      default -> {
        return -Errno.EINVAL;
      }
    }
    if (!waits) {
      return file.locks().lock(wanted);
    }
    file.acquire();
    return new RecordLock(task, file, wanted).on(file.locks().queue(), Events.READABLE).park();
  }

  private static final class RecordLock extends Wait {
    private final OpenFileDescription file;
    private final FileLocks.Lock wanted;

    RecordLock(Task task, OpenFileDescription file, FileLocks.Lock wanted) {
      super(task);
      this.file = file;
      this.wanted = wanted;
    }

    @Override
    protected long attempt() {
      long result = file.locks().lock(wanted);
      if (result == Results.NOT_YET && wanted.pid() >= 0) {
        return file.locks().startWaiting(wanted) ? Results.NOT_YET : -Errno.EDEADLK;
      }
      return result;
    }

    @Override
    protected void finished() {
      FileLocks.stopWaiting(wanted);
      file.drop();
    }
  }
}
