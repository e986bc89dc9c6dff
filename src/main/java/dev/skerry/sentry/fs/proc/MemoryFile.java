package dev.skerry.sentry.fs.proc;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.mm.MemoryManager;
import dev.skerry.sentry.usermem.IoBuffer;
import dev.skerry.sentry.vfs.PlacedFile;
import dev.skerry.sentry.vfs.VfsPath;
import org.jspecify.annotations.Nullable;

/**
 * /proc/PID/mem: the address space that the process had when the file was opened. Pages are read
 * and written as the process itself could.
 */
final class MemoryFile extends PlacedFile {
  private static final int CHUNK = 65536;
  private static final int SEEK_SET = 0;
  private static final int SEEK_CUR = 1;

  private final Subject subject;
  private final MemoryManager mm;
  private volatile long position;

  MemoryFile(Subject subject, MemoryManager mm, VfsPath path, int flags) {
    super(path, flags);
    this.subject = subject;
    this.mm = mm;
  }

  @Override
  protected void release() {}

  /** Null once the process has ended or executed another program. */
  private @Nullable Task task() {
    Task task = subject.live();
    return task == null || task.mm() != mm ? null : task;
  }

  @Override
  public long read(IoBuffer target) {
    long start = position;
    long moved = pread(target, start);
    if (moved > 0) {
      position = start + moved;
    }
    return moved;
  }

  @Override
  public long write(IoBuffer source) {
    long start = position;
    long moved = pwrite(source, start);
    if (moved > 0) {
      position = start + moved;
    }
    return moved;
  }

  @Override
  public long pread(IoBuffer target, long offset) {
    Task task = task();
    if (task == null) {
      return 0;
    }
    byte[] chunk = new byte[(int) Math.min(target.remaining(), CHUNK)];
    long total = 0;
    while (target.remaining() > 0) {
      int part = (int) Math.min(target.remaining(), chunk.length);
      int copied = task.memory().peek(offset + total, chunk, 0, part);
      long moved = copied <= 0 ? -Errno.EIO : target.put(chunk, 0, copied);
      if (moved < 0) {
        return total > 0 ? total : moved;
      }
      total += moved;
      if (moved < part) {
        break;
      }
    }
    return total;
  }

  @Override
  public long pwrite(IoBuffer source, long offset) {
    Task task = task();
    if (task == null) {
      return 0;
    }
    byte[] chunk = new byte[(int) Math.min(source.remaining(), CHUNK)];
    long total = 0;
    while (source.remaining() > 0) {
      int part = (int) Math.min(source.remaining(), chunk.length);
      long taken = source.get(chunk, 0, part);
      long moved = taken < 0 ? taken : task.memory().poke(offset + total, chunk, 0, (int) taken);
      if (moved <= 0) {
        return total > 0 ? total : taken < 0 ? taken : -Errno.EIO;
      }
      total += moved;
      if (moved < part) {
        break;
      }
    }
    return total;
  }

  /** Positions are addresses, so any is allowed. */
  @Override
  public long seek(long offset, int whence) {
    if (whence != SEEK_SET && whence != SEEK_CUR) {
      return -Errno.EINVAL;
    }
    position = whence == SEEK_SET ? offset : position + offset;
    return position;
  }

  @Override
  public boolean hasSpliceRead() {
    return false;
  }

  @Override
  public boolean hasSpliceWrite() {
    return false;
  }
}
