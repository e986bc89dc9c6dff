package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Signal;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.fs.pipe.Pipe;
import dev.skerry.sentry.fs.pipe.PipeFile;
import dev.skerry.sentry.kernel.FdTable;
import dev.skerry.sentry.kernel.Results;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.kernel.Wait;
import dev.skerry.sentry.usermem.GuestBuffer;
import dev.skerry.sentry.vfs.FileEvents;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.OpenFlags;
import dev.skerry.sentry.waiter.Events;
import org.jspecify.annotations.Nullable;

/** Pipes and what moves data through them: pipe(2), splice(2), tee(2), vmsplice(2). */
final class PipeSyscalls {
  private static final int SPLICE_F_NONBLOCK = 2;
  private static final int SPLICE_FLAGS = 0xf;

  private PipeSyscalls() {}

  static void register(SyscallTable table) {
    table.supported(Syscall.PIPE, PipeSyscalls::pipe);
    table.supported(Syscall.PIPE2, PipeSyscalls::pipe2);
    table.supported(Syscall.SPLICE, PipeSyscalls::splice);
    table.supported(Syscall.TEE, PipeSyscalls::tee);
    table.partial(Syscall.VMSPLICE, PipeSyscalls::vmsplice, "pages are copied, never given away");
  }

  static long pipe(Task task, SyscallArgs args) {
    return makePipe(task, args.addressAt(0), 0);
  }

  static long pipe2(Task task, SyscallArgs args) {
    return makePipe(task, args.addressAt(0), args.intAt(1));
  }

  private static long makePipe(Task task, long address, int flags) {
    if ((flags & ~(OpenFlags.O_CLOEXEC | OpenFlags.O_NONBLOCK | OpenFlags.O_DIRECT)) != 0) {
      return -Errno.EINVAL;
    }
    boolean closeOnExec = (flags & OpenFlags.O_CLOEXEC) != 0;
    PipeFile[] ends =
        Pipe.open(
            flags & ~OpenFlags.O_CLOEXEC,
            task.credentials().fsuid(),
            task.credentials().fsgid(),
            task.kernel().clock().realtime());
    return installPair(task, ends[0], ends[1], closeOnExec, address);
  }

  /** Gives two files descriptors and writes these to the guest; on failure neither stays. */
  static long installPair(
      Task task,
      OpenFileDescription first,
      OpenFileDescription second,
      boolean closeOnExec,
      long address) {
    FdTable files = task.files();
    long one = files.install(first, closeOnExec, 0);
    if (one < 0) {
      second.drop();
      return one;
    }
    long two = files.install(second, closeOnExec, 0);
    if (two < 0) {
      files.close((int) one);
      return two;
    }
    long result =
        new StructWriter(8)
            .putInt(0, (int) one)
            .putInt(4, (int) two)
            .tryCopyOut(task.memory(), address);
    if (result < 0) {
      files.close((int) one);
      files.close((int) two);
    }
    return result;
  }

  static long splice(Task task, SyscallArgs args) throws ErrnoException {
    if ((args.intAt(5) & ~SPLICE_FLAGS) != 0) {
      return -Errno.EINVAL;
    }
    long length = args.longAt(4);
    if (length == 0) {
      return 0;
    }
    return withTwoFiles(
        task,
        args.intAt(0),
        args.intAt(2),
        (in, out) -> {
          if (!in.isReadable() || !out.isWritable()) {
            return -Errno.EBADF;
          }
          Splice splice = new Splice(task, in, out, length, args.intAt(5));
          return splice.start(args.addressAt(1), args.addressAt(3));
        });
  }

  /** Moves what a file without positions gives to a pipe (sendfile(2)). */
  static long fill(Task task, OpenFileDescription in, OpenFileDescription out, long length)
      throws ErrnoException {
    return length == 0 ? 0 : new Splice(task, in, out, length, 0).start(0, 0);
  }

  static long tee(Task task, SyscallArgs args) throws ErrnoException {
    int flags = args.intAt(3);
    long length = args.longAt(2);
    if ((flags & ~SPLICE_FLAGS) != 0) {
      return -Errno.EINVAL;
    }
    if (length == 0) {
      return 0;
    }
    return withTwoFiles(
        task,
        args.intAt(0),
        args.intAt(1),
        (in, out) -> {
          if (!in.isReadable() || !out.isWritable()) {
            return -Errno.EBADF;
          }
          if (!(in instanceof PipeFile from) || !(out instanceof PipeFile to)) {
            return -Errno.EINVAL;
          }
          if (from.pipe() == to.pipe()) {
            return -Errno.EINVAL;
          }
          return new Splice(task, in, out, length, flags).startTee();
        });
  }

  private interface TwoFiles {
    long apply(OpenFileDescription in, OpenFileDescription out) throws ErrnoException;
  }

  private static long withTwoFiles(Task task, int inFd, int outFd, TwoFiles action)
      throws ErrnoException {
    OpenFileDescription in = task.files().acquire(inFd);
    if (in == null) {
      return -Errno.EBADF;
    }
    try {
      OpenFileDescription out = task.files().acquire(outFd);
      if (out == null) {
        return -Errno.EBADF;
      }
      try {
        return action.apply(in, out);
      } finally {
        out.drop();
      }
    } finally {
      in.drop();
    }
  }

  static long vmsplice(Task task, SyscallArgs args) throws ErrnoException {
    int flags = args.intAt(3);
    if ((flags & ~SPLICE_FLAGS) != 0) {
      return -Errno.EINVAL;
    }
    OpenFileDescription file = task.files().acquire(args.intAt(0));
    if (!(file instanceof PipeFile end)) {
      if (file != null) {
        file.drop();
      }
      return -Errno.EBADF;
    }
    try {
      GuestBuffer buffer = GuestBuffer.ofVector(task.memory(), args.addressAt(1), args.longAt(2));
      if (buffer.remaining() == 0) {
        return 0;
      }
      boolean nonBlocking = (flags & SPLICE_F_NONBLOCK) != 0;
      return new Vmsplice(task, end, buffer).run(nonBlocking);
    } finally {
      file.drop();
    }
  }

  /** A vmsplice(2) that may wait. */
  private static final class Vmsplice extends Wait {
    private final PipeFile end;
    private final GuestBuffer buffer;

    Vmsplice(Task task, PipeFile end, GuestBuffer buffer) {
      super(task);
      this.end = end;
      this.buffer = buffer;
    }

    long run(boolean nonBlocking) {
      if (nonBlocking) {
        return attempt();
      }
      end.acquire();
      int events = end.isWritable() ? Events.WRITABLE : Events.READABLE;
      return on(end.waitQueue(), events).park();
    }

    @Override
    protected long attempt() {
      return end.isWritable() ? end.write(buffer) : end.read(buffer);
    }

    @Override
    protected void finished() {
      end.drop();
    }
  }

  /** A splice(2) or tee(2) that may wait. */
  private static final class Splice extends Wait {
    private final OpenFileDescription in;
    private final OpenFileDescription out;
    private final long length;
    private final boolean nonBlocking;
    private boolean tee;
    private long inOffset = -1;
    private long outOffset = -1;
    private long offsetAddress;

    Splice(Task task, OpenFileDescription in, OpenFileDescription out, long length, int flags) {
      super(task);
      this.in = in;
      this.out = out;
      this.length = Math.min(length < 0 ? Long.MAX_VALUE : length, GuestBuffer.MOST);
      this.nonBlocking =
          (flags & SPLICE_F_NONBLOCK) != 0
              || (in instanceof PipeFile && in.isNonBlocking())
              || (out instanceof PipeFile && out.isNonBlocking());
    }

    long startTee() {
      tee = true;
      return run();
    }

    long start(long inOffsetAddress, long outOffsetAddress) throws ErrnoException {
      boolean fromPipe = in instanceof PipeFile;
      boolean toPipe = out instanceof PipeFile;
      if (!fromPipe && !toPipe) {
        return -Errno.EINVAL;
      }
      if ((fromPipe && inOffsetAddress != 0) || (toPipe && outOffsetAddress != 0)) {
        return -Errno.ESPIPE;
      }
      if ((out.flags() & OpenFlags.O_APPEND) != 0 && !toPipe) {
        return -Errno.EINVAL;
      }
      if (!in.hasSpliceRead() || !out.hasSpliceWrite()) {
        return -Errno.EINVAL;
      }
      offsetAddress = inOffsetAddress != 0 ? inOffsetAddress : outOffsetAddress;
      if (offsetAddress != 0) {
        long offset = task().memory().readLong(offsetAddress);
        if (offset < 0) {
          return -Errno.EINVAL;
        }
        if (fromPipe) {
          outOffset = offset;
        } else {
          inOffset = offset;
        }
      }
      return run();
    }

    private long run() {
      long first = attempt();
      if (first != Results.NOT_YET || !mayWait()) {
        return first;
      }
      in.acquire();
      out.acquire();
      return on(in.waitQueue(), Events.READABLE).on(out.waitQueue(), Events.WRITABLE).park();
    }

    /** Whether that which nothing moves for may be waited for: the pipe, or else the file. */
    private boolean mayWait() {
      OpenFileDescription other = in instanceof PipeFile ? out : in;
      if (other instanceof PipeFile) {
        return !nonBlocking;
      }
      boolean forPipe =
          other == out ? (in.poll() & Events.IN) == 0 : (out.poll() & Events.OUT) == 0;
      return forPipe ? !nonBlocking : !other.isNonBlocking();
    }

    @Override
    protected long attempt() {
      long moved = move();
      if (moved > 0) {
        FileEvents.accessed(in);
        FileEvents.modified(out);
      }
      if (moved > 0 && offsetAddress != 0) {
        long offset = Math.max(inOffset, outOffset) + moved;
        if (task().memory().storeLong(offsetAddress, offset) < 0) {
          return -Errno.EFAULT;
        }
      }
      return moved == -Errno.EAGAIN ? Results.NOT_YET : moved;
    }

    private long move() {
      @Nullable PipeFile from = in instanceof PipeFile file ? file : null;
      @Nullable PipeFile to = out instanceof PipeFile file ? file : null;
      if (from != null && to != null) {
        return from.pipe().moveToPipe(to.pipe(), length, tee);
      }
      if (from != null) {
        long room = ReadWriteSyscalls.roomBelowLimit(task(), out, outOffset);
        if (room < 0) {
          return room;
        }
        long moved = from.pipe().moveTo(out, outOffset, Math.min(length, room));
        if (moved == room && room < length && from.pipe().available() > 0) {
          // As for the bytes that follow, which have no room.
          task().signalSelf(Signal.SIGXFSZ);
        }
        return moved;
      }
      return to == null ? -Errno.EINVAL : to.pipe().moveFrom(in, inOffset, length);
    }

    @Override
    protected void finished() {
      in.drop();
      out.drop();
    }
  }
}
