package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.vfs.AttributeChange;
import dev.skerry.sentry.vfs.AttributeRules;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.VfsPath;

/** A file's times: utimensat(2), utimes(2), utime(2), futimesat(2). */
final class TimestampSyscalls {
  private static final long UTIME_NOW = 0x3fff_ffff;
  private static final long UTIME_OMIT = 0x3fff_fffe;

  /** What one nanosecond count holds: 292 years either side of 1970. */
  private static final long MOST_SECONDS = Long.MAX_VALUE / Times.SECOND - 1;

  private TimestampSyscalls() {}

  static void register(SyscallTable table) {
    table.supported(Syscall.UTIMENSAT, TimestampSyscalls::utimensat);
    table.supported(Syscall.UTIMES, TimestampSyscalls::utimes);
    table.supported(Syscall.FUTIMESAT, TimestampSyscalls::futimesat);
    table.supported(Syscall.UTIME, TimestampSyscalls::utime);
  }

  private record Pair(long atime, long mtime, boolean toNow) {}

  static long utimensat(Task task, SyscallArgs args) throws ErrnoException {
    int flags = args.intAt(3);
    long times = args.addressAt(2);
    Pair pair = times == 0 ? now(task) : timespecs(task, times);
    if (pair.atime == AttributeChange.KEEP && pair.mtime == AttributeChange.KEEP) {
      return 0;
    }
    if ((flags & ~(Paths.AT_SYMLINK_NOFOLLOW | Paths.AT_EMPTY_PATH)) != 0) {
      return -Errno.EINVAL;
    }
    int dirFd = args.intAt(0);
    if (args.addressAt(1) != 0 || dirFd == Paths.AT_FDCWD) {
      return set(task, dirFd, args.addressAt(1), flags, pair);
    }
    if (flags != 0) {
      return -Errno.EINVAL;
    }
    OpenFileDescription file = Paths.file(task, dirFd);
    try {
      VfsPath place = task.kernel().vfs().placeOf(file);
      apply(task, place, pair);
      return 0;
    } finally {
      file.drop();
    }
  }

  private static Pair now(Task task) {
    long now = task.kernel().clock().realtime();
    return new Pair(now, now, true);
  }

  private static Pair timespecs(Task task, long address) throws ErrnoException {
    StructReader struct = new StructReader(task.memory().readBytes(address, 2 * Times.SIZE));
    long atime = timespec(task, struct, 0);
    long mtime = timespec(task, struct, Times.SIZE);
    boolean bothNow = struct.longAt(8) == UTIME_NOW && struct.longAt(24) == UTIME_NOW;
    return new Pair(atime, mtime, bothNow);
  }

  private static long timespec(Task task, StructReader struct, int offset) throws ErrnoException {
    long part = struct.longAt(offset + 8);
    if (part == UTIME_OMIT) {
      return AttributeChange.KEEP;
    }
    if (part == UTIME_NOW) {
      return task.kernel().clock().realtime();
    }
    if (part < 0 || part >= Times.SECOND) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    return seconds(struct.longAt(offset)) + part;
  }

  private static long seconds(long value) {
    return Math.clamp(value, -MOST_SECONDS, MOST_SECONDS) * Times.SECOND;
  }

  static long utimes(Task task, SyscallArgs args) throws ErrnoException {
    return timevals(task, Paths.AT_FDCWD, args.addressAt(0), args.addressAt(1));
  }

  static long futimesat(Task task, SyscallArgs args) throws ErrnoException {
    int dirFd = args.intAt(0);
    if (args.addressAt(1) == 0 && dirFd != Paths.AT_FDCWD) {
      Pair pair = args.addressAt(2) == 0 ? now(task) : timevals(task, args.addressAt(2));
      OpenFileDescription file = Paths.file(task, dirFd);
      try {
        apply(task, task.kernel().vfs().placeOf(file), pair);
        return 0;
      } finally {
        file.drop();
      }
    }
    return timevals(task, dirFd, args.addressAt(1), args.addressAt(2));
  }

  private static long timevals(Task task, int dirFd, long path, long times) throws ErrnoException {
    return set(task, dirFd, path, 0, times == 0 ? now(task) : timevals(task, times));
  }

  private static Pair timevals(Task task, long address) throws ErrnoException {
    StructReader struct = new StructReader(task.memory().readBytes(address, 2 * Times.SIZE));
    return new Pair(timeval(struct, 0), timeval(struct, Times.SIZE), false);
  }

  private static long timeval(StructReader struct, int offset) throws ErrnoException {
    long part = struct.longAt(offset + 8);
    if (part < 0 || part >= Times.SECOND / Times.MICROSECOND) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    return seconds(struct.longAt(offset)) + part * Times.MICROSECOND;
  }

  static long utime(Task task, SyscallArgs args) throws ErrnoException {
    Pair pair;
    if (args.addressAt(1) == 0) {
      pair = now(task);
    } else {
      StructReader struct = new StructReader(task.memory().readBytes(args.addressAt(1), 16));
      pair = new Pair(seconds(struct.longAt(0)), seconds(struct.longAt(8)), false);
    }
    return set(task, Paths.AT_FDCWD, args.addressAt(0), 0, pair);
  }

  private static long set(Task task, int dirFd, long address, int flags, Pair pair)
      throws ErrnoException {
    String path = Paths.read(task, address, flags);
    apply(task, Paths.walk(task, dirFd, path, flags), pair);
    return 0;
  }

  private static void apply(Task task, VfsPath path, Pair pair) throws ErrnoException {
    AttributeRules.setTimes(task.credentials(), path, pair.atime, pair.mtime, pair.toNow);
  }
}
