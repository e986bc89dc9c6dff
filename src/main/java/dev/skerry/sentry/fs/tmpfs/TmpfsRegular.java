package dev.skerry.sentry.fs.tmpfs;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.skerry.abi.Errno;
import dev.skerry.hostos.Host;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.vfs.FileSeals;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.Owner;
import dev.skerry.sentry.vfs.VfsPath;

/** A regular file. */
final class TmpfsRegular extends TmpfsInode {
  private static final int F_ADD_SEALS = 1033;
  private static final int HOST_SEALS = FileSeals.F_SEAL_WRITE | FileSeals.F_SEAL_FUTURE_WRITE;
  private static final int EXECUTE_BITS = 0111;

  private final Content content;

  @GuardedBy("content")
  private int seals;

  /** Whether it may get a name although it has none (O_TMPFILE). */
  private final boolean linkable;

  /**
   * @param mode with the type bits
   * @param seals F_SEAL_SEAL unless it may be sealed
   */
  TmpfsRegular(TmpfsFileSystem fileSystem, int mode, Owner owner, boolean linkable, int seals)
      throws ErrnoException {
    super(fileSystem, mode, owner);
    this.content = new Content(fileSystem.pages(), (seals & FileSeals.F_SEAL_SEAL) == 0);
    this.linkable = linkable;
    this.seals = seals;
  }

  Content content() {
    return content;
  }

  boolean isLinkable() {
    return linkable;
  }

  @Override
  long size() {
    return content.size();
  }

  @Override
  long pages() {
    return content.pages();
  }

  @Override
  void free() {
    content.free();
  }

  @Override
  public OpenFileDescription open(VfsPath path, int flags) throws ErrnoException {
    entered();
    content.use();
    return new TmpfsFile(this, path, flags);
  }

  @Override
  void resize(long size) throws ErrnoException {
    content.use();
    try {
      resizeUsed(size);
    } finally {
      content.leave();
    }
    touchModified();
  }

  private void resizeUsed(long size) throws ErrnoException {
    synchronized (content) {
      if (size < content.size() && (seals & FileSeals.F_SEAL_SHRINK) != 0
          || size > content.size() && (seals & FileSeals.F_SEAL_GROW) != 0) {
        throw ErrnoException.of(Errno.EPERM);
      }
      ErrnoException.check(content.truncate(size));
    }
  }

  @Override
  void checkMode(int oldMode, int newMode) throws ErrnoException {
    if (((oldMode ^ newMode) & EXECUTE_BITS) != 0 && (seals() & FileSeals.F_SEAL_EXEC) != 0) {
      throw ErrnoException.of(Errno.EPERM);
    }
  }

  int seals() {
    synchronized (content) {
      return seals;
    }
  }

  /**
   * Adds seals. The host gets those about writing too, since it knows the mappings.
   *
   * @return zero, or EPERM, EINVAL, or EBUSY for a shared writable mapping
   */
  long addSeals(int more) {
    synchronized (content) {
      if ((more & ~FileSeals.ALL) != 0) {
        return -Errno.EINVAL;
      }
      if ((seals & FileSeals.F_SEAL_SEAL) != 0) {
        return -Errno.EPERM;
      }
      if ((more & HOST_SEALS) != 0) {
        int fd = content.fd();
        int result = fd < 0 ? fd : Host.os().fcntl(fd, F_ADD_SEALS, more & HOST_SEALS);
        if (result < 0) {
          return result;
        }
      }
      seals |= more;
      return 0;
    }
  }
}
