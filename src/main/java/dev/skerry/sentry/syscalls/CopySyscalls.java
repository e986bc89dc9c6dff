package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.fs.pipe.PipeFile;
import dev.skerry.sentry.kernel.IoCounters;
import dev.skerry.sentry.kernel.Results;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.kernel.Wait;
import dev.skerry.sentry.usermem.ArrayBuffer;
import dev.skerry.sentry.usermem.GuestBuffer;
import dev.skerry.sentry.vfs.FileEvents;
import dev.skerry.sentry.vfs.Inode;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.OpenFlags;
import dev.skerry.sentry.waiter.Events;

/** Copying from file to file within the kernel: sendfile(2), copy_file_range(2). */
final class CopySyscalls {
  private static final int CHUNK = 65_536;
  private static final int SEEK_SET = 0;
  private static final int SEEK_CUR = 1;

  private CopySyscalls() {}

  static void register(SyscallTable table) {
    table.supported(Syscall.SENDFILE, CopySyscalls::sendfile);
    table.supported(Syscall.COPY_FILE_RANGE, CopySyscalls::copyFileRange);
  }

  static long sendfile(Task task, SyscallArgs args) throws ErrnoException {
    OpenFileDescription in = Paths.file(task, args.intAt(1));
    try {
      OpenFileDescription out = Paths.file(task, args.intAt(0));
      try {
        return sendfile(task, in, out, args.addressAt(2), args.longAt(3));
      } finally {
        out.drop();
      }
    } finally {
      in.drop();
    }
  }

  private static long sendfile(
      Task task, OpenFileDescription in, OpenFileDescription out, long offsetAddress, long count)
      throws ErrnoException {
    long offset = offsetAddress == 0 ? -1 : task.memory().readLong(offsetAddress);
    if (offsetAddress != 0 && offset < 0 || count < 0) {
      return -Errno.EINVAL;
    }
    if (!in.isReadable()) {
      return -Errno.EBADF;
    }
    if (offset >= 0 && in.pread(new ArrayBuffer(new byte[0]), offset) == -Errno.ESPIPE) {
      return -Errno.ESPIPE;
    }
    if (!out.isWritable()) {
      return -Errno.EBADF;
    }
    if ((out.flags() & OpenFlags.O_APPEND) != 0) {
      return -Errno.EINVAL;
    }
    if (!in.hasSpliceRead() || in instanceof PipeFile || !out.hasSpliceWrite()) {
      return -Errno.EINVAL;
    }
    if (in.seek(0, SEEK_CUR) == -Errno.ESPIPE) {
      // What is read cannot be read again: it only goes where there is room for it.
      return out instanceof PipeFile ? PipeSyscalls.fill(task, in, out, count) : -Errno.EINVAL;
    }
    in.acquire();
    out.acquire();
    Copy copy = new Copy(task, in, out, offset, -1, count, offsetAddress, 0);
    return out.isNonBlocking() ? copy.once() : copy.on(out.waitQueue(), Events.WRITABLE).park();
  }

  static long copyFileRange(Task task, SyscallArgs args) throws ErrnoException {
    OpenFileDescription in = Paths.file(task, args.intAt(0));
    try {
      OpenFileDescription out = Paths.file(task, args.intAt(2));
      try {
        return copyFileRange(task, in, out, args);
      } finally {
        out.drop();
      }
    } finally {
      in.drop();
    }
  }

  private static long copyFileRange(
      Task task, OpenFileDescription in, OpenFileDescription out, SyscallArgs args)
      throws ErrnoException {
    long inAddress = args.addressAt(1);
    long outAddress = args.addressAt(3);
    long inOffset = inAddress == 0 ? -1 : task.memory().readLong(inAddress);
    long outOffset = outAddress == 0 ? -1 : task.memory().readLong(outAddress);
    if (args.intAt(5) != 0) {
      return -Errno.EINVAL;
    }
    int inType = in.stat().mode() & Inode.S_IFMT;
    int outType = out.stat().mode() & Inode.S_IFMT;
    if (inType == Inode.S_IFDIR || outType == Inode.S_IFDIR) {
      return -Errno.EISDIR;
    }
    if (inType != Inode.S_IFREG || outType != Inode.S_IFREG) {
      return -Errno.EINVAL;
    }
    if (!in.isReadable() || !out.isWritable() || (out.flags() & OpenFlags.O_APPEND) != 0) {
      return -Errno.EBADF;
    }
    long from = inAddress == 0 ? in.seek(0, SEEK_CUR) : inOffset;
    long to = outAddress == 0 ? out.seek(0, SEEK_CUR) : outOffset;
    long asked = args.longAt(4);
    if (wraps(from, asked) || wraps(to, asked)) {
      return -Errno.EOVERFLOW;
    }
    if (from < 0 || to < 0) {
      return -Errno.EINVAL;
    }
    long wanted = Math.min(asked < 0 ? Long.MAX_VALUE : asked, GuestBuffer.MOST);
    long count = Math.min(wanted, Math.max(in.stat().size() - from, 0));
    boolean overlaps = from < to + count && to < from + count;
    if (overlaps && in.locks() == out.locks()) {
      return -Errno.EINVAL;
    }
    if (count > 0 && AttributeSyscalls.exceedsLimit(task, to + count)) {
      return -Errno.EFBIG;
    }
    in.acquire();
    out.acquire();
    return new Copy(task, in, out, inOffset, outOffset, count, inAddress, outAddress).once();
  }

  /** Whether the sum of the two, as unsigned numbers, does not fit. */
  private static boolean wraps(long offset, long length) {
    return Long.compareUnsigned(offset + length, offset) < 0;
  }

  /** Copies piece by piece; -1 for an offset stands for the file's own position. */
  private static final class Copy extends Wait {
    private final OpenFileDescription in;
    private final OpenFileDescription out;
    private final long inOffset;
    private final long outOffset;
    private final long count;
    private final long inAddress;
    private final long outAddress;
    private final byte[] chunk;
    private long total;

    Copy(
        Task task,
        OpenFileDescription in,
        OpenFileDescription out,
        long inOffset,
        long outOffset,
        long count,
        long inAddress,
        long outAddress) {
      super(task);
      this.in = in;
      this.out = out;
      this.inOffset = inOffset;
      this.outOffset = outOffset;
      this.count = Math.min(count, GuestBuffer.MOST);
      this.inAddress = inAddress;
      this.outAddress = outAddress;
      this.chunk = new byte[(int) Math.min(this.count, CHUNK)];
    }

    /** Without waiting. */
    long once() {
      long result = copy();
      long told = result < 0 && total == 0 ? result : complete();
      finished();
      return told;
    }

    @Override
    protected long attempt() {
      long result = copy();
      if (result == -Errno.EAGAIN) {
        return Results.NOT_YET;
      }
      return result < 0 && total == 0 ? result : complete();
    }

    private long copy() {
      while (total < count) {
        long from = inOffset < 0 ? in.seek(0, SEEK_CUR) : inOffset + total;
        long to = outOffset < 0 ? Transfer.OWN_POSITION : outOffset + total;
        long room = ReadWriteSyscalls.roomBelowLimit(task(), out, to);
        if (room < 0) {
          return room;
        }
        int length = (int) Math.min(Math.min(chunk.length, count - total), room);
        long read = in.pread(new ArrayBuffer(chunk, 0, length), from);
        if (read <= 0) {
          return read;
        }
        ArrayBuffer source = new ArrayBuffer(chunk, 0, (int) read);
        long written = outOffset < 0 ? out.write(source) : out.pwrite(source, outOffset + total);
        if (written < 0) {
          return written;
        }
        if (inOffset < 0) {
          in.seek(from + written, SEEK_SET);
        }
        total += written;
        if (written == 0) {
          return 0;
        }
      }
      return 0;
    }

    /** Writes the offsets back; the bytes copied. */
    private long complete() {
      if (total > 0) {
        FileEvents.accessed(in);
        FileEvents.modified(out);
      }
      long first = inAddress == 0 ? 0 : task().memory().storeLong(inAddress, inOffset + total);
      long second = outAddress == 0 ? 0 : task().memory().storeLong(outAddress, outOffset + total);
      return first < 0 || second < 0 ? -Errno.EFAULT : total;
    }

    @Override
    protected long interrupted() {
      return total > 0 ? complete() : Results.ERESTARTSYS;
    }

    @Override
    protected void finished() {
      IoCounters.count(task(), false, total);
      IoCounters.count(task(), true, total);
      in.drop();
      out.drop();
    }
  }
}
