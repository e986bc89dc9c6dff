package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.aio.AioContext;
import dev.skerry.sentry.fs.eventfd.EventFile;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.usermem.GuestBuffer;
import dev.skerry.sentry.vfs.OpenFileDescription;

/** One operation of io_submit(2): struct iocb of include/uapi/linux/aio_abi.h. */
final class AioOperation {
  private static final int SIZE = 64;
  private static final int PREAD = 0;
  private static final int PWRITE = 1;
  private static final int FSYNC = 2;
  private static final int FDSYNC = 3;
  private static final int PREADV = 7;
  private static final int PWRITEV = 8;
  private static final int FLAG_RESFD = 1;
  private static final int KEY_OFFSET = 8;

  private final Task task;
  private final StructReader block;
  private final OpenFileDescription file;

  private AioOperation(Task task, StructReader block, OpenFileDescription file) {
    this.task = task;
    this.block = block;
    this.file = file;
  }

  /**
   * Runs an operation, and notes what came of it.
   *
   * @param address of its block
   * @return zero, or an error because of which it was not begun
   */
  static long submit(Task task, AioContext context, long address) throws ErrnoException {
    StructReader block = new StructReader(task.memory().readBytes(address, SIZE));
    if (block.longAt(48) != 0 || block.longAt(32) < 0) {
      return -Errno.EINVAL;
    }
    if (!context.reserve()) {
      return -Errno.EAGAIN;
    }
    boolean begun = false;
    try {
      long result = begin(task, context, block, address);
      begun = result == 0;
      return result;
    } finally {
      if (!begun) {
        context.release();
      }
    }
  }

  private static long begin(Task task, AioContext context, StructReader block, long address)
      throws ErrnoException {
    OpenFileDescription file = Paths.file(task, block.intAt(20));
    EventFile notified = null;
    try {
      if ((block.intAt(56) & FLAG_RESFD) != 0) {
        notified = eventFile(task, block.intAt(60));
      }
      // The key tells a later cancellation that this was begun.
      task.memory().writeInt(address + KEY_OFFSET, 0);
      AioOperation operation = new AioOperation(task, block, file);
      long refused = operation.check();
      if (refused < 0) {
        return refused;
      }
      context.complete(new AioContext.Event(block.longAt(0), address, operation.run()));
      if (notified != null) {
        notified.signal();
      }
      return 0;
    } finally {
      file.drop();
      if (notified != null) {
        notified.drop();
      }
    }
  }

  private static EventFile eventFile(Task task, int fd) throws ErrnoException {
    OpenFileDescription file = Paths.file(task, fd);
    if (file instanceof EventFile event) {
      return event;
    }
    file.drop();
    throw ErrnoException.of(Errno.EINVAL);
  }

  private int code() {
    return block.shortAt(16) & 0xffff;
  }

  /** What Linux finds wrong before an operation begins. */
  private long check() throws ErrnoException {
    switch (code()) {
      case PREAD, PREADV -> {
        return !file.isReadable() ? -Errno.EBADF : checkRange();
      }
      case PWRITE, PWRITEV -> {
        return !file.isWritable() ? -Errno.EBADF : checkRange();
      }
      case FSYNC, FDSYNC -> {
        boolean plain =
            block.longAt(24) == 0
                && block.longAt(32) == 0
                && block.longAt(40) == 0
                && block.intAt(12) == 0;
        return plain ? 0 : -Errno.EINVAL;
      }
      default -> {
        return -Errno.EINVAL;
      }
    }
  }

  private long checkRange() throws ErrnoException {
    if (block.intAt(12) != 0 && (block.intAt(12) & ~ReadWriteSyscalls.RWF_KNOWN) != 0) {
      return -Errno.EOPNOTSUPP;
    }
    boolean vector = code() == PREADV || code() == PWRITEV;
    if (vector) {
      buffer();
    } else if (!ReadWriteSyscalls.isUserRange(block.longAt(24), block.longAt(32))) {
      return -Errno.EFAULT;
    }
    boolean before = block.longAt(40) < 0 && ReadWriteSyscalls.hasPosition(file);
    return before ? -Errno.EINVAL : 0;
  }

  private GuestBuffer buffer() throws ErrnoException {
    long address = block.longAt(24);
    long length = block.longAt(32);
    boolean vector = code() == PREADV || code() == PWRITEV;
    return vector
        ? GuestBuffer.ofVector(task.memory(), address, length)
        : GuestBuffer.of(task.memory(), address, length);
  }

  private long run() throws ErrnoException {
    return switch (code()) {
      case PREAD, PREADV -> ReadWriteSyscalls.now(task, file, buffer(), false, block.longAt(40));
      case PWRITE, PWRITEV -> ReadWriteSyscalls.now(task, file, buffer(), true, block.longAt(40));
      default -> file.sync(code() == FDSYNC);
    };
  }
}
