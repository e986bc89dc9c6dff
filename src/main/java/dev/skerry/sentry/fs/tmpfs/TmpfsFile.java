package dev.skerry.sentry.fs.tmpfs;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.vfs.AllocateMode;
import dev.skerry.sentry.vfs.FileSeals;
import dev.skerry.sentry.vfs.MemoryAccount;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.RegularFile;
import dev.skerry.sentry.vfs.Stat;
import dev.skerry.sentry.vfs.VfsPath;

/** An open regular file of a tmpfs, or one of memfd_create(2). */
final class TmpfsFile extends RegularFile {
  private static final int WRITE_SEALS = FileSeals.F_SEAL_WRITE | FileSeals.F_SEAL_FUTURE_WRITE;

  private final TmpfsRegular file;
  private final Content content;

  /** What the write under way could reach at most. */
  @GuardedBy("content")
  private long reserved;

  TmpfsFile(TmpfsRegular file, VfsPath path, int flags) {
    super(path, flags);
    this.file = file;
    this.content = file.content();
  }

  @Override
  protected void release() {
    file.left();
    content.leave();
  }

  @Override
  public OpenFileDescription reopen(int flags) throws ErrnoException {
    return file.open(path(), flags);
  }

  @Override
  public Stat stat() {
    return file.stat();
  }

  @Override
  protected int hostFd(boolean forWriting) {
    if (!forWriting) {
      return content.existingFd(NO_CONTENT);
    }
    synchronized (content) {
      return (file.seals() & WRITE_SEALS) != 0 ? -Errno.EPERM : content.fd();
    }
  }

  @Override
  protected long size() {
    return content.size();
  }

  @Override
  protected Object inodeLock() {
    return content;
  }

  @Override
  protected long reserve(long offset, long end) {
    synchronized (content) {
      long wanted = end;
      if (end > content.size() && (file.seals() & FileSeals.F_SEAL_GROW) != 0) {
        // Linux writes page by page, and refuses the first that would grow the file.
        wanted = content.size() & -MemoryAccount.PAGE;
        if (wanted <= offset) {
          return -Errno.EPERM;
        }
      }
      reserved = content.reserve(offset, wanted);
      return reserved;
    }
  }

  @Override
  protected void written(long offset, long end) {
    synchronized (content) {
      content.written(offset, end, reserved);
      reserved = 0;
    }
    if (end > offset) {
      file.touchModified();
      if (!isPrivileged()) {
        file.dropSetId();
      }
    }
  }

  @Override
  protected void accessed() {
    file.touchAccessed();
  }

  @Override
  public long allocate(int mode, long offset, long length) {
    synchronized (content) {
      boolean sealed = (file.seals() & FileSeals.F_SEAL_GROW) != 0;
      boolean beyond = offset + length > content.size();
      long result = super.allocate(mode, offset, length);
      if (result == 0) {
        boolean punched = (mode & AllocateMode.FALLOC_FL_PUNCH_HOLE) != 0;
        content.allocated(offset, offset + length, punched);
        file.touchModified();
      }
      return result == -Errno.ENOSPC && sealed && beyond ? -Errno.EPERM : result;
    }
  }

  @Override
  public long sync(boolean dataOnly) {
    return 0;
  }

  @Override
  public int mappableHostFd(boolean writable) {
    synchronized (content) {
      return content.mappableFd(writable);
    }
  }

  @Override
  public long seals() {
    return file.seals();
  }

  @Override
  public long addSeals(int seals) {
    return isWritable() ? file.addSeals(seals) : -Errno.EPERM;
  }
}
