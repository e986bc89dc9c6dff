package dev.skerry.sentry.vfs;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.skerry.abi.Errno;
import dev.skerry.hostos.Host;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Capability;
import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.usermem.IoBuffer;
import dev.skerry.sentry.usermem.UserMemory;
import dev.skerry.sentry.waiter.ServingThread;

/**
 * An open regular file whose content lies in a file of the host. The host's own position is never
 * used for data. Linux: mm/filemap.c, fs/read_write.c.
 *
 * <p>Lock order: the position, then the inode's lock, which every write takes.
 */
public abstract class RegularFile extends PlacedFile {
  /** What {@link #hostFd} returns for a file without any content, which has no host file yet. */
  protected static final int NO_CONTENT = Integer.MIN_VALUE;

  private static final int FIONREAD = 0x541b;

  private static final int SEEK_SET = 0;
  private static final int SEEK_CUR = 1;
  private static final int SEEK_END = 2;
  private static final int SEEK_DATA = 3;
  private static final int SEEK_HOLE = 4;

  private static final int S_ISUID = 04000;
  private static final int S_ISGID = 02000;
  private static final int S_IXGRP = 0010;

  private static final long DAY_MILLIS = 24 * 60 * 60 * 1000L;

  /** A read of the host that stops short of a multiple of this was stopped by the file's end. */
  private static final long PIECE = 4096;

  private final Object positionLock = new Object();

  @GuardedBy("positionLock")
  private long position;

  private volatile boolean privileged;

  /**
   * @param flags access mode and status flags
   */
  protected RegularFile(VfsPath path, int flags) {
    super(path, flags);
  }

  /**
   * The host descriptor with the content as it is now. It stays the file's own.
   *
   * @param forWriting whether the content will be changed: a copy-up is made if needed. Called so
   *     with the inode's lock held
   * @return the descriptor, {@link #NO_CONTENT} (not when writing), or a negative error
   */
  protected abstract int hostFd(boolean forWriting);

  /** The size in bytes, or a negative error. */
  protected abstract long size();

  /** Held over every write to the inode, whichever description it comes through. */
  protected abstract Object inodeLock();

  /**
   * Makes sure that bytes can be written; the place for quotas. Called with the inode's lock held.
   *
   * @return up to where they can, more than {@code offset}; or a negative error
   */
  protected long reserve(long offset, long end) {
    return end;
  }

  /**
   * Bytes were written, or the write failed after {@link #reserve} (then {@code end} is {@code
   * offset}). Sets times, keeps account of the size, and drops the set-ID bits unless {@link
   * #isPrivileged}. Called with the inode's lock held.
   */
  protected abstract void written(long offset, long end);

  /** The file was read: sets the access time. Not called where O_NOATIME or the mount forbid it. */
  protected abstract void accessed();

  @Override
  public final boolean canBeDirect() {
    return true;
  }

  @Override
  public final void openedBy(Credentials credentials) {
    privileged = credentials.hasCapability(Capability.FSETID);
  }

  /** Whether writes leave the set-ID bits alone (CAP_FSETID). */
  protected final boolean isPrivileged() {
    return privileged;
  }

  /** A mode as it is after a write by somebody unprivileged. Linux: setattr_should_drop_sgid. */
  public static int withoutSetId(int mode) {
    int kept = mode & ~S_ISUID;
    return (mode & S_IXGRP) != 0 ? kept & ~S_ISGID : kept;
  }

  /**
   * Whether a read sets the access time: only when it was not later than the others, or is a day
   * old. Linux: relatime_need_update.
   */
  public static boolean isAccessTimeDue(long atime, long mtime, long ctime) {
    return atime <= mtime
        || atime <= ctime
        || System.currentTimeMillis() - atime / 1_000_000 >= DAY_MILLIS;
  }

  @Override
  public final long read(IoBuffer target) {
    synchronized (positionLock) {
      long moved = pread(target, position);
      if (moved > 0) {
        position += moved;
      }
      return moved;
    }
  }

  private long mostBytes() {
    return inode().fileSystem().mostFileBytes();
  }

  /** Whether the end of what is to be moved has no number (rw_verify_area() of fs/read_write.c). */
  private static boolean overflows(IoBuffer buffer, long offset) {
    return offset < 0 || offset + buffer.remaining() < 0;
  }

  @Override
  public final long pread(IoBuffer target, long offset) {
    if (overflows(target, offset)) {
      return -Errno.EINVAL;
    }
    if (offset >= mostBytes() || target.remaining() == 0) {
      return 0;
    }
    int fd = hostFd(false);
    if (fd < 0) {
      return fd == NO_CONTENT ? 0 : fd;
    }
    long moved = move(target, fd, offset);
    if (moved >= 0 && (flags() & OpenFlags.O_NOATIME) == 0 && mountKeepsAccessTimes()) {
      accessed();
    }
    return moved;
  }

  private static long move(IoBuffer target, int fd, long offset) {
    long done = 0;
    while (true) {
      long wanted = Math.min(target.remaining(), Long.MAX_VALUE - offset - done);
      if (wanted == 0) {
        return done;
      }
      long moved = target.putFromFile(fd, offset + done, wanted);
      if (moved <= 0) {
        return done > 0 ? done : moved;
      }
      done += moved;
      if (moved < wanted && moved % PIECE != 0) {
        return done;
      }
    }
  }

  private boolean mountKeepsAccessTimes() {
    return (path().mount().flags() & (Mount.MS_NOATIME | Mount.MS_RDONLY)) == 0;
  }

  @Override
  public final long write(IoBuffer source) {
    synchronized (positionLock) {
      synchronized (inodeLock()) {
        return writeAndMove(source, writePosition(position));
      }
    }
  }

  @GuardedBy("positionLock")
  private long writeAndMove(IoBuffer source, long offset) {
    long moved = offset < 0 ? offset : writeLocked(source, offset);
    if (moved > 0) {
      position = offset + moved;
    }
    return moved;
  }

  @Override
  public final long append(IoBuffer source, boolean moves) {
    if (!moves) {
      synchronized (inodeLock()) {
        long end = size();
        return end < 0 ? end : writeLocked(source, end);
      }
    }
    synchronized (positionLock) {
      synchronized (inodeLock()) {
        return writeAndMove(source, size());
      }
    }
  }

  /** With O_APPEND the offset counts for nothing (pwrite(2), "Bugs"). */
  @Override
  public final long pwrite(IoBuffer source, long offset) {
    if (overflows(source, offset)) {
      return -Errno.EINVAL;
    }
    synchronized (inodeLock()) {
      long at = writePosition(offset);
      return at < 0 ? at : writeLocked(source, at);
    }
  }

  private long writePosition(long offset) {
    return (flags() & OpenFlags.O_APPEND) != 0 ? size() : offset;
  }

  private long writeLocked(IoBuffer source, long offset) {
    long wanted = source.remaining();
    if (wanted == 0) {
      return 0;
    }
    long most = mostBytes();
    if (offset >= most) {
      return -Errno.EFBIG;
    }
    int fd = hostFd(true);
    if (fd < 0) {
      return fd;
    }
    long end = reserve(offset, offset + Math.min(wanted, most - offset));
    if (end < 0) {
      return end;
    }
    long moved = moveToFile(source, fd, offset, end);
    written(offset, offset + Math.max(moved, 0));
    if (moved > 0 && (flags() & OpenFlags.O_DSYNC) != 0) {
      long synced = sync((flags() & OpenFlags.O_SYNC) != OpenFlags.O_SYNC);
      return synced < 0 ? synced : moved;
    }
    return moved;
  }

  private static long moveToFile(IoBuffer source, int fd, long offset, long end) {
    long done = 0;
    while (offset + done < end) {
      long wanted = end - offset - done;
      long moved = source.getToFile(fd, offset + done, wanted);
      if (moved <= 0) {
        return done > 0 ? done : moved;
      }
      done += moved;
    }
    return done;
  }

  @Override
  public final long seek(long offset, int whence) {
    synchronized (positionLock) {
      long target =
          switch (whence) {
            case SEEK_SET -> offset;
            case SEEK_CUR -> position + offset;
            case SEEK_END -> fromEnd(offset);
            case SEEK_DATA, SEEK_HOLE -> seekInHost(offset, whence);
            default -> -Errno.EINVAL;
          };
      if (target < 0) {
        return whence == SEEK_SET || whence == SEEK_CUR ? -Errno.EINVAL : target;
      }
      if (target > mostBytes()) {
        return -Errno.EINVAL;
      }
      position = target;
      return target;
    }
  }

  /** FIONREAD tells what is left behind the position; less than nothing beyond the end. */
  @Override
  public final long ioctl(UserMemory memory, int request, long argument) {
    if (request != FIONREAD) {
      return -Errno.ENOTTY;
    }
    long left;
    synchronized (positionLock) {
      long size = size();
      if (size < 0) {
        return size;
      }
      left = size - position;
    }
    return memory.storeInt(argument, (int) left);
  }

  private long fromEnd(long offset) {
    long size = size();
    if (size < 0) {
      return size;
    }
    return size + offset < 0 ? -Errno.EINVAL : size + offset;
  }

  private long seekInHost(long offset, int whence) {
    int fd = hostFd(false);
    if (fd == NO_CONTENT || offset < 0) {
      return -Errno.ENXIO;
    }
    return fd < 0 ? fd : Host.os().lseek(fd, offset, whence);
  }

  @Override
  public long sync(boolean dataOnly) {
    int fd = hostFd(false);
    if (fd < 0) {
      return fd == NO_CONTENT ? 0 : fd;
    }
    ServingThread.sleeping();
    return dataOnly ? Host.os().fdatasync(fd) : Host.os().fsync(fd);
  }

  @Override
  public long truncate(long length) {
    if (length < 0 || !isWritable()) {
      return -Errno.EINVAL;
    }
    if (length > mostBytes()) {
      return -Errno.EFBIG;
    }
    try {
      int mode = -1;
      if (!privileged) {
        int before = inode().stat().mode();
        mode = before == withoutSetId(before) ? -1 : withoutSetId(before) & 07777;
      }
      inode()
          .setAttributes(
              new AttributeChange(
                  mode, -1, -1, length, AttributeChange.KEEP, AttributeChange.KEEP));
      return 0;
    } catch (ErrnoException e) {
      return e.result();
    }
  }

  /** As the host file can: memfds know allocation and holes, other files perhaps more. */
  @Override
  public long allocate(int mode, long offset, long length) {
    long refused = AllocateMode.check(mode, offset, length);
    if (refused < 0) {
      return refused;
    }
    if (!isWritable()) {
      return -Errno.EBADF;
    }
    if (offset + length > mostBytes()) {
      return -Errno.EFBIG;
    }
    synchronized (inodeLock()) {
      return allocateLocked(mode, offset, offset + length);
    }
  }

  private long allocateLocked(int mode, long offset, long end) {
    int fd = hostFd(true);
    if (fd < 0) {
      return fd;
    }
    if (AllocateMode.allocates(mode)) {
      long reserved = reserve(offset, end);
      if (reserved < end) {
        if (reserved >= 0) {
          written(0, 0);
        }
        return reserved < 0 ? reserved : -Errno.ENOSPC;
      }
    }
    long result = Host.os().fallocate(fd, mode, offset, end - offset);
    // Unlike a write that failed, what leaves the size alone does not even move the end to the
    // offset.
    boolean grows = result == 0 && AllocateMode.grows(mode);
    written(grows ? offset : 0, grows ? end : 0);
    return result;
  }

  /** The content for a mapping; a file without any gets its host file now. */
  @Override
  public int mappableHostFd(boolean writable) {
    synchronized (inodeLock()) {
      int fd = hostFd(writable);
      return fd == NO_CONTENT ? hostFd(true) : fd;
    }
  }
}
