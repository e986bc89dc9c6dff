package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.fs.pipe.FifoFile;
import dev.skerry.sentry.kernel.Results;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.kernel.Wait;
import dev.skerry.sentry.vfs.LeaseBreak;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.OpenFlags;
import dev.skerry.sentry.waiter.Events;

/** open(2), openat(2), openat2(2), creat(2). */
final class OpenSyscalls {
  private static final int VALID_FLAGS =
      OpenFlags.O_ACCMODE
          | OpenFlags.O_CREAT
          | OpenFlags.O_EXCL
          | OpenFlags.O_NOCTTY
          | OpenFlags.O_TRUNC
          | OpenFlags.O_APPEND
          | OpenFlags.O_NONBLOCK
          | OpenFlags.O_SYNC
          | OpenFlags.O_ASYNC
          | OpenFlags.O_DIRECT
          | OpenFlags.O_LARGEFILE
          | OpenFlags.O_NOFOLLOW
          | OpenFlags.O_NOATIME
          | OpenFlags.O_CLOEXEC
          | OpenFlags.O_PATH
          | OpenFlags.O_TMPFILE;
  private static final int PATH_FLAGS =
      OpenFlags.O_PATH | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW | OpenFlags.O_CLOEXEC;

  private static final int OPEN_HOW_SIZE = 24;
  private static final long RESOLVE_BENEATH = 0x08;
  private static final long RESOLVE_IN_ROOT = 0x10;
  private static final long RESOLVE_CACHED = 0x20;
  private static final long RESOLVE_FLAGS = 0x3f;

  private OpenSyscalls() {}

  static void register(SyscallTable table) {
    table.supported(Syscall.OPEN, OpenSyscalls::open);
    table.supported(Syscall.OPENAT, OpenSyscalls::openat);
    table.partial(Syscall.OPENAT2, OpenSyscalls::openat2, "RESOLVE_CACHED always answers EAGAIN");
    table.supported(Syscall.CREAT, OpenSyscalls::creat);
  }

  static long open(Task task, SyscallArgs args) throws ErrnoException {
    return open(task, Paths.AT_FDCWD, args.addressAt(0), args.intAt(1), args.intAt(2));
  }

  static long creat(Task task, SyscallArgs args) throws ErrnoException {
    int flags = OpenFlags.O_CREAT | OpenFlags.O_WRONLY | OpenFlags.O_TRUNC;
    return open(task, Paths.AT_FDCWD, args.addressAt(0), flags, args.intAt(1));
  }

  static long openat(Task task, SyscallArgs args) throws ErrnoException {
    return open(task, args.intAt(0), args.addressAt(1), args.intAt(2), args.intAt(3));
  }

  private static long open(Task task, int dirFd, long pathAddress, int flags, int mode)
      throws ErrnoException {
    int known = flags & VALID_FLAGS | OpenFlags.O_LARGEFILE;
    if ((flags & OpenFlags.O_PATH) != 0) {
      known &= PATH_FLAGS;
    }
    return open(task, dirFd, Paths.read(task, pathAddress), known, mode & 07777, 0);
  }

  static long openat2(Task task, SyscallArgs args) throws ErrnoException {
    StructReader how =
        ExtensibleStruct.read(
            task.memory(), args.addressAt(2), args.longAt(3), OPEN_HOW_SIZE, OPEN_HOW_SIZE);
    long flags = how.longAt(0);
    long mode = how.longAt(8);
    long resolve = how.longAt(16);
    boolean creates = (flags & OpenFlags.O_CREAT) != 0 || isTemporary((int) flags);
    boolean bothRoots = (resolve & RESOLVE_BENEATH) != 0 && (resolve & RESOLVE_IN_ROOT) != 0;
    if ((flags & ~(long) VALID_FLAGS) != 0
        || (mode & ~07777L) != 0
        || (mode != 0 && !creates)
        || (resolve & ~RESOLVE_FLAGS) != 0
        || bothRoots) {
      return -Errno.EINVAL;
    }
    if ((flags & OpenFlags.O_PATH) != 0 && (flags & ~(long) PATH_FLAGS) != 0) {
      return -Errno.EINVAL;
    }
    if ((resolve & RESOLVE_CACHED) != 0) {
      return -Errno.EAGAIN;
    }
    String path = Paths.read(task, args.addressAt(1));
    boolean placeOnly = (flags & OpenFlags.O_PATH) != 0;
    int kept = placeOnly ? (int) flags : (int) flags | OpenFlags.O_LARGEFILE;
    return open(task, args.intAt(0), path, kept, (int) mode, resolve);
  }

  private static boolean isTemporary(int flags) {
    return (flags & OpenFlags.O_TMPFILE & ~OpenFlags.O_DIRECTORY) != 0;
  }

  /**
   * fs/open.c, build_open_flags: an unnamed file is for writing, and open does not make
   * directories.
   */
  private static boolean mayCombine(int flags) {
    if ((flags & OpenFlags.O_CREAT) != 0 && (flags & OpenFlags.O_DIRECTORY) != 0) {
      return false;
    }
    return !isTemporary(flags)
        || ((flags & OpenFlags.O_TMPFILE) == OpenFlags.O_TMPFILE
            && (flags & OpenFlags.O_ACCMODE) != OpenFlags.O_RDONLY);
  }

  private static long open(Task task, int dirFd, String path, int flags, int mode, long resolve)
      throws ErrnoException {
    if (!mayCombine(flags)) {
      return -Errno.EINVAL;
    }
    // Before anything is created or truncated (fs/open.c, do_sys_openat2).
    if (!task.files().hasRoom()) {
      return -Errno.EMFILE;
    }
    boolean resolvesBelow = (resolve & (RESOLVE_BENEATH | RESOLVE_IN_ROOT)) != 0;
    String startPath = resolvesBelow ? "." : path;
    OpenFileDescription file =
        task.kernel()
            .vfs()
            .open(
                Paths.origin(task),
                Paths.start(task, dirFd, startPath),
                path,
                flags & ~OpenFlags.O_CLOEXEC,
                mode,
                resolve);
    boolean closeOnExec = (flags & OpenFlags.O_CLOEXEC) != 0;
    if (file instanceof FifoFile fifo && fifo.awaitsPeer()) {
      return new FifoOpen(task, fifo, closeOnExec)
          .on(fifo.waitQueue(), Events.READABLE | Events.WRITABLE)
          .park();
    }
    LeaseBreak awaited = file.leaseBreak();
    return awaited == null
        ? task.files().install(file, closeOnExec, 0)
        : LeaseSyscalls.open(task, file, closeOnExec, awaited);
  }

  /** The open(2) of a FIFO whose other end is not open yet. */
  private static final class FifoOpen extends Wait {
    private final FifoFile fifo;
    private final boolean closeOnExec;

    FifoOpen(Task task, FifoFile fifo, boolean closeOnExec) {
      super(task);
      this.fifo = fifo;
      this.closeOnExec = closeOnExec;
    }

    @Override
    protected long attempt() {
      if (fifo.awaitsPeer()) {
        return Results.NOT_YET;
      }
      fifo.acquire();
      return task().files().install(fifo, closeOnExec, 0);
    }

    @Override
    protected void finished() {
      fifo.drop();
    }
  }
}
