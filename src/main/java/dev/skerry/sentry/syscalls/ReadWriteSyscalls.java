package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Signal;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.Rlimits;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.usermem.GuestBuffer;
import dev.skerry.sentry.usermem.UserMemory;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.OpenFlags;
import dev.skerry.sentry.vfs.VfsPath;

/** read(2), write(2), their relatives with positions and vectors, lseek(2). */
final class ReadWriteSyscalls {
  private static final int RWF_HIPRI = 0x01;
  private static final int RWF_DSYNC = 0x02;
  private static final int RWF_SYNC = 0x04;
  private static final int RWF_NOWAIT = 0x08;
  private static final int RWF_APPEND = 0x10;
  private static final int RWF_NOAPPEND = 0x20;
  static final int RWF_KNOWN =
      RWF_HIPRI | RWF_DSYNC | RWF_SYNC | RWF_NOWAIT | RWF_APPEND | RWF_NOAPPEND;
  private static final int SEEK_CUR = 1;
  private static final int LAST_WHENCE = 4;

  private ReadWriteSyscalls() {}

  static void register(SyscallTable table) {
    table.supported(Syscall.READ, ReadWriteSyscalls::read);
    table.supported(Syscall.WRITE, ReadWriteSyscalls::write);
    table.supported(Syscall.PREAD64, ReadWriteSyscalls::pread64);
    table.supported(Syscall.PWRITE64, ReadWriteSyscalls::pwrite64);
    table.supported(Syscall.READV, ReadWriteSyscalls::readv);
    table.supported(Syscall.WRITEV, ReadWriteSyscalls::writev);
    table.supported(Syscall.PREADV, ReadWriteSyscalls::preadv);
    table.supported(Syscall.PWRITEV, ReadWriteSyscalls::pwritev);
    table.partial(Syscall.PREADV2, ReadWriteSyscalls::preadv2, "RWF_ATOMIC, RWF_DONTCACHE refused");
    table.partial(
        Syscall.PWRITEV2, ReadWriteSyscalls::pwritev2, "RWF_ATOMIC, RWF_DONTCACHE refused");
    table.supported(Syscall.LSEEK, ReadWriteSyscalls::lseek);
  }

  static long read(Task task, SyscallArgs args) throws ErrnoException {
    return one(task, args, false, Transfer.OWN_POSITION);
  }

  static long write(Task task, SyscallArgs args) throws ErrnoException {
    return one(task, args, true, Transfer.OWN_POSITION);
  }

  static long pread64(Task task, SyscallArgs args) throws ErrnoException {
    long offset = args.longAt(3);
    return offset < 0 ? -Errno.EINVAL : one(task, args, false, offset);
  }

  static long pwrite64(Task task, SyscallArgs args) throws ErrnoException {
    long offset = args.longAt(3);
    return offset < 0 ? -Errno.EINVAL : one(task, args, true, offset);
  }

  private static long one(Task task, SyscallArgs args, boolean write, long offset)
      throws ErrnoException {
    OpenFileDescription file = Paths.file(task, args.intAt(0));
    try {
      if (!(write ? file.isWritable() : file.isReadable())) {
        return refusal(file, offset);
      }
      long address = args.addressAt(1);
      long length = args.longAt(2);
      if (!isUserRange(address, length)) {
        return -Errno.EFAULT;
      }
      return move(task, file, GuestBuffer.of(task.memory(), address, length), write, offset, 0);
    } finally {
      file.drop();
    }
  }

  /** A file without positions says so before it says that it was not opened for this. */
  private static long refusal(OpenFileDescription file, long offset) {
    boolean placed = offset != Transfer.OWN_POSITION;
    return placed && file.seek(0, SEEK_CUR) == -Errno.ESPIPE ? -Errno.ESPIPE : -Errno.EBADF;
  }

  static boolean isUserRange(long address, long length) {
    long end = address + length;
    return address >= 0 && length >= 0 && end >= 0 && end <= UserMemory.END;
  }

  static long readv(Task task, SyscallArgs args) throws ErrnoException {
    return vector(task, args, false, Transfer.OWN_POSITION, 0);
  }

  static long writev(Task task, SyscallArgs args) throws ErrnoException {
    return vector(task, args, true, Transfer.OWN_POSITION, 0);
  }

  static long preadv(Task task, SyscallArgs args) throws ErrnoException {
    long offset = args.longAt(3);
    return offset < 0 ? -Errno.EINVAL : vector(task, args, false, offset, 0);
  }

  static long pwritev(Task task, SyscallArgs args) throws ErrnoException {
    long offset = args.longAt(3);
    return offset < 0 ? -Errno.EINVAL : vector(task, args, true, offset, 0);
  }

  static long preadv2(Task task, SyscallArgs args) throws ErrnoException {
    long offset = args.longAt(3);
    return offset < -1 ? -Errno.EINVAL : vector(task, args, false, offset, args.intAt(5));
  }

  static long pwritev2(Task task, SyscallArgs args) throws ErrnoException {
    long offset = args.longAt(3);
    return offset < -1 ? -Errno.EINVAL : vector(task, args, true, offset, args.intAt(5));
  }

  private static long vector(Task task, SyscallArgs args, boolean write, long offset, int flags)
      throws ErrnoException {
    OpenFileDescription file = Paths.file(task, args.intAt(0));
    try {
      boolean placed = offset != Transfer.OWN_POSITION;
      if (placed && file.seek(0, SEEK_CUR) == -Errno.ESPIPE) {
        return -Errno.ESPIPE;
      }
      if (!(write ? file.isWritable() : file.isReadable())) {
        return -Errno.EBADF;
      }
      GuestBuffer buffer = GuestBuffer.ofVector(task.memory(), args.addressAt(1), args.longAt(2));
      boolean bothAppends = (flags & RWF_APPEND) != 0 && (flags & RWF_NOAPPEND) != 0;
      if ((flags & ~RWF_KNOWN) != 0 || (!write && (flags & RWF_APPEND) != 0)) {
        return -Errno.EOPNOTSUPP;
      }
      if (bothAppends) {
        return -Errno.EINVAL;
      }
      if (buffer.remaining() == 0) {
        return 0;
      }
      return move(task, file, buffer, write, offset, flags);
    } finally {
      file.drop();
    }
  }

  private static long move(
      Task task,
      OpenFileDescription file,
      GuestBuffer buffer,
      boolean write,
      long offset,
      int flags)
      throws ErrnoException {
    boolean nonBlocking = file.isNonBlocking() || (flags & RWF_NOWAIT) != 0;
    if (!write) {
      return Transfer.read(task, file, buffer, offset, nonBlocking);
    }
    boolean appends = (flags & RWF_APPEND) != 0 || (file.flags() & OpenFlags.O_APPEND) != 0;
    long limited = limitWrite(task, file, buffer, offset, appends);
    if (limited < 0) {
      return limited;
    }
    long moved = Transfer.write(task, file, buffer, offset, nonBlocking, (flags & RWF_APPEND) != 0);
    if (moved > 0 && (flags & (RWF_SYNC | RWF_DSYNC)) != 0) {
      long synced = file.sync((flags & RWF_SYNC) == 0);
      return synced < 0 && synced != -Errno.EINVAL ? synced : moved;
    }
    return moved;
  }

  /** Whether an offset means something to the file. */
  static boolean hasPosition(OpenFileDescription file) {
    return file.seek(0, SEEK_CUR) != -Errno.ESPIPE;
  }

  /**
   * Reads or writes what can be had without waiting.
   *
   * @param offset in the file; one that has no positions ignores it
   */
  static long now(
      Task task, OpenFileDescription file, GuestBuffer buffer, boolean write, long offset)
      throws ErrnoException {
    boolean placed = hasPosition(file);
    if (buffer.remaining() == 0) {
      return 0;
    }
    long where = placed ? offset : Transfer.OWN_POSITION;
    if (!write) {
      return Transfer.read(task, file, buffer, where, true);
    }
    boolean appends = (file.flags() & OpenFlags.O_APPEND) != 0;
    long limited = limitWrite(task, file, buffer, where, appends);
    return limited < 0 ? limited : Transfer.write(task, file, buffer, where, true, false);
  }

  /** Applies RLIMIT_FSIZE where the file is a regular one: zero or -EFBIG. */
  private static long limitWrite(
      Task task, OpenFileDescription file, GuestBuffer buffer, long offset, boolean appends)
      throws ErrnoException {
    if (buffer.remaining() == 0 || !isLimited(task, file)) {
      return 0;
    }
    long start = appends ? file.stat().size() : offset;
    long room = roomBelowLimit(task, file, start);
    if (room < 0) {
      return room;
    }
    buffer.limit(room);
    return 0;
  }

  private static boolean isLimited(Task task, OpenFileDescription file) {
    VfsPath path = file.path();
    return path != null
        && path.inode().isRegular()
        && task.group().limits().soft(Rlimits.FSIZE) != Rlimits.INFINITY;
  }

  /**
   * How many bytes RLIMIT_FSIZE lets a call write.
   *
   * @param offset where, or {@link Transfer#OWN_POSITION}
   * @return -EFBIG if there is no room; then SIGXFSZ has been sent
   */
  static long roomBelowLimit(Task task, OpenFileDescription file, long offset) {
    if (!isLimited(task, file)) {
      return Long.MAX_VALUE;
    }
    long limit = task.group().limits().soft(Rlimits.FSIZE);
    long start = offset == Transfer.OWN_POSITION ? file.seek(0, SEEK_CUR) : offset;
    if (Long.compareUnsigned(start, limit) >= 0) {
      task.signalSelf(Signal.SIGXFSZ);
      return -Errno.EFBIG;
    }
    return limit - start;
  }

  static long lseek(Task task, SyscallArgs args) throws ErrnoException {
    OpenFileDescription file = Paths.file(task, args.intAt(0));
    try {
      int whence = args.intAt(2);
      if (whence < 0 || whence > LAST_WHENCE) {
        return -Errno.EINVAL;
      }
      return file.seek(args.longAt(1), whence);
    } finally {
      file.drop();
    }
  }
}
