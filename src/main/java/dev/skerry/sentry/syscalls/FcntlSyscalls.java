package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Signal;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.fs.pipe.PipeFile;
import dev.skerry.sentry.kernel.DirectoryNotice;
import dev.skerry.sentry.kernel.IoSignal;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.landlock.Domain;
import dev.skerry.sentry.usermem.UserMemory;
import dev.skerry.sentry.vfs.Access;
import dev.skerry.sentry.vfs.DirectoryFile;
import dev.skerry.sentry.vfs.FileFlags;
import dev.skerry.sentry.vfs.FileSeals;
import dev.skerry.sentry.vfs.IoOwner;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.OpenFlags;
import dev.skerry.sentry.vfs.PlacedFile;
import dev.skerry.sentry.vfs.VfsPath;

/** fcntl(2), but for locks, which {@link LockSyscalls} sets. */
final class FcntlSyscalls {
  private static final int F_DUPFD = 0;
  private static final int F_GETFD = 1;
  private static final int F_SETFD = 2;
  private static final int F_GETFL = 3;
  private static final int F_SETFL = 4;
  private static final int F_SETOWN = 8;
  private static final int F_GETOWN = 9;
  private static final int F_SETSIG = 10;
  private static final int F_GETSIG = 11;
  private static final int F_SETOWN_EX = 15;
  private static final int F_GETOWN_EX = 16;
  private static final int F_SETLEASE = 1024;
  private static final int F_GETLEASE = 1025;
  private static final int F_NOTIFY = 1026;
  private static final int F_DUPFD_QUERY = 1027;
  private static final int F_CREATED_QUERY = 1028;
  private static final int F_DUPFD_CLOEXEC = 1030;
  private static final int F_SETPIPE_SZ = 1031;
  private static final int F_GETPIPE_SZ = 1032;
  private static final int F_ADD_SEALS = 1033;
  private static final int F_GET_SEALS = 1034;
  private static final int F_GET_RW_HINT = 1035;
  private static final int F_SET_RW_HINT = 1036;

  private static final int SETTABLE =
      OpenFlags.O_APPEND | OpenFlags.O_NONBLOCK | OpenFlags.O_DIRECT | OpenFlags.O_NOATIME;
  private static final long LAST_HINT = 5;

  private FcntlSyscalls() {}

  static void register(SyscallTable table) {
    table.partial(
        Syscall.FCNTL,
        FcntlSyscalls::fcntl,
        "a program that is run does not wait for a lease on it");
  }

  static long fcntl(Task task, SyscallArgs args) throws ErrnoException {
    int fd = args.intAt(0);
    int command = args.intAt(1);
    OpenFileDescription file = Paths.anyFile(task, fd);
    try {
      switch (command) {
        case F_DUPFD, F_DUPFD_CLOEXEC -> {
          boolean closeOnExec = command == F_DUPFD_CLOEXEC;
          return task.files().install(file.acquire(), closeOnExec, args.intAt(2));
        }
        case F_GETFD -> {
          return task.files().getFlags(fd);
        }
        case F_SETFD -> {
          return task.files().setFlags(fd, args.intAt(2));
        }
        case F_GETFL -> {
          return file.flags();
        }
        case F_DUPFD_QUERY -> {
          return sameFile(task, file, args.intAt(2));
        }
        case F_CREATED_QUERY -> {
          return file.isCreated() ? 1 : 0;
        }
        default -> {
          boolean placeOnly = (file.flags() & OpenFlags.O_PATH) != 0;
          return placeOnly ? -Errno.EBADF : control(task, file, command, args);
        }
      }
    } finally {
      file.drop();
    }
  }

  private static long sameFile(Task task, OpenFileDescription file, int fd) throws ErrnoException {
    OpenFileDescription other = Paths.anyFile(task, fd);
    other.drop();
    return other == file ? 1 : 0;
  }

  private static long control(Task task, OpenFileDescription file, int command, SyscallArgs args)
      throws ErrnoException {
    long address = args.addressAt(2);
    return switch (command) {
      case F_SETFL -> setStatus(task, file, args.intAt(0), args.intAt(2));
      case F_SETLEASE -> LeaseSyscalls.set(task, file, args.intAt(0), args.intAt(2));
      case F_GETLEASE -> LeaseSyscalls.get(file);
      case F_SETOWN, F_GETOWN, F_SETSIG, F_GETSIG, F_SETOWN_EX, F_GETOWN_EX ->
          owner(task, file, command, args);
      case F_NOTIFY -> notify(task, file, args.intAt(0), args.intAt(2));
      case F_SETPIPE_SZ -> resizePipe(file, args.intAt(2));
      case F_GETPIPE_SZ -> file instanceof PipeFile end ? end.pipe().capacity() : -Errno.EBADF;
      case F_ADD_SEALS -> addSeals(file, args.intAt(2));
      case F_GET_SEALS -> file instanceof PlacedFile placed ? placed.seals() : -Errno.EINVAL;
      case F_GET_RW_HINT -> getHint(task.memory(), file, address);
      case F_SET_RW_HINT -> setHint(task.memory(), file, address);
      default -> LockSyscalls.fcntl(task, file, command, address);
    };
  }

  private static long setStatus(Task task, OpenFileDescription file, int fd, int flags)
      throws ErrnoException {
    int before = file.flags();
    VfsPath path = file.path();
    if (path != null && ((flags ^ before) & OpenFlags.O_APPEND) != 0) {
      FileFlags.checkMayShrink(path.inode());
    }
    boolean takesNoAtime = (flags & ~before & OpenFlags.O_NOATIME) != 0;
    if (takesNoAtime && !Access.isOwner(task.credentials(), file.stat())) {
      return -Errno.EPERM;
    }
    boolean direct = (flags & OpenFlags.O_DIRECT) != 0;
    if (direct && !(file instanceof PipeFile) && !file.canBeDirect()) {
      return -Errno.EINVAL;
    }
    IoSignal.set(task, file, fd, (flags & OpenFlags.O_ASYNC) != 0);
    file.setFlags((file.flags() & ~SETTABLE) | (flags & SETTABLE));
    return 0;
  }

  private static long owner(Task task, OpenFileDescription file, int command, SyscallArgs args)
      throws ErrnoException {
    IoOwner owner = file.ioOwner();
    int value = args.intAt(2);
    switch (command) {
      case F_GETOWN -> {
        return owner(task, file);
      }
      case F_SETOWN -> {
        return setOwner(task, file, value);
      }
      case F_GETSIG -> {
        return owner.signal();
      }
      case F_SETSIG -> {
        if (value != 0 && !Signal.isValid(value)) {
          return -Errno.EINVAL;
        }
        file.setIoOwner(owner.withSignal(value));
        return 0;
      }
      case F_GETOWN_EX -> {
        return new StructWriter(8)
            .putInt(0, owner.type())
            .putInt(4, task.pidNamespace().number(owner.id()))
            .tryCopyOut(task.memory(), args.addressAt(2));
      }
      default -> {
        StructReader struct = new StructReader(task.memory().readBytes(args.addressAt(2), 8));
        int type = struct.intAt(0);
        if (type < IoOwner.TID || type > IoOwner.PGRP) {
          return -Errno.EINVAL;
        }
        return setOwner(task, file, type, struct.intAt(4));
      }
    }
  }

  /** F_GETOWN: a process, or a process group as a negative number. */
  static int owner(Task task, OpenFileDescription file) {
    IoOwner owner = file.ioOwner();
    int number = task.pidNamespace().number(owner.id());
    return owner.type() == IoOwner.PGRP ? -number : number;
  }

  /** F_SETOWN. */
  static long setOwner(Task task, OpenFileDescription file, int value) {
    return value == Integer.MIN_VALUE
        ? -Errno.EINVAL
        : setOwner(task, file, value < 0 ? IoOwner.PGRP : IoOwner.PID, Math.abs(value));
  }

  private static long setOwner(Task task, OpenFileDescription file, int type, int number) {
    int id = number == 0 ? 0 : task.pidNamespace().id(number);
    boolean exists =
        id == 0
            || (type == IoOwner.PGRP
                ? task.kernel().tasks().findProcessGroup(id) != null
                : task.kernel().tasks().find(id) != null);
    if (!exists) {
      return -Errno.ESRCH;
    }
    Credentials who = task.credentials();
    Domain domain = isOwnProcess(task, type, id) ? null : who.domain();
    int signal = file.ioOwner().signal();
    file.setIoOwner(new IoOwner(type, id, signal, who.uid(), who.euid(), domain));
    return 0;
  }

  private static boolean isOwnProcess(Task task, int type, int id) {
    Task owner = type == IoOwner.PGRP ? null : task.kernel().tasks().find(id);
    return owner != null && owner.group() == task.group();
  }

  private static long notify(Task task, OpenFileDescription file, int fd, int events) {
    DirectoryFile directory = file instanceof DirectoryFile opened ? opened : null;
    if ((events & ~DirectoryNotice.MULTISHOT) == 0) {
      if (directory != null) {
        directory.removeNotice(task.files());
      }
      return 0;
    }
    return directory == null ? -Errno.ENOTDIR : DirectoryNotice.set(task, directory, fd, events);
  }

  private static long resizePipe(OpenFileDescription file, int size) {
    if (!(file instanceof PipeFile end)) {
      return -Errno.EBADF;
    }
    return end.pipe().resize(size & 0xffff_ffffL);
  }

  private static long addSeals(OpenFileDescription file, int seals) {
    if (!file.isWritable()) {
      return -Errno.EPERM;
    }
    if (!(file instanceof PlacedFile placed) || (seals & ~FileSeals.ALL) != 0) {
      return -Errno.EINVAL;
    }
    return placed.addSeals(seals);
  }

  private static long getHint(UserMemory memory, OpenFileDescription file, long address) {
    VfsPath path = file.path();
    return path == null ? -Errno.EINVAL : memory.storeLong(address, path.inode().writeHint());
  }

  private static long setHint(UserMemory memory, OpenFileDescription file, long address)
      throws ErrnoException {
    VfsPath path = file.path();
    long hint = memory.readLong(address);
    if (path == null || hint < 0 || hint > LAST_HINT) {
      return -Errno.EINVAL;
    }
    path.inode().setWriteHint(hint);
    return 0;
  }
}
