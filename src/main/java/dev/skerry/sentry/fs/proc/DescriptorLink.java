package dev.skerry.sentry.fs.proc;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.vfs.MagicTarget;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.OpenFlags;
import dev.skerry.sentry.vfs.Owner;
import dev.skerry.sentry.vfs.VfsPath;
import dev.skerry.sentry.vfs.synthetic.GeneratedLink;

/** /proc/PID/fd/N, whose permissions tell how the file was opened. */
final class DescriptorLink extends GeneratedLink {
  private static final int SIZE = 64;

  private final Subject subject;
  private final int fd;

  DescriptorLink(Subject subject, int fd, int flags) {
    super(subject.fileSystem(), subject.inode(Subject.DESCRIPTORS, fd), permissions(flags));
    this.subject = subject;
    this.fd = fd;
  }

  private static int permissions(int flags) {
    if ((flags & OpenFlags.O_PATH) != 0) {
      return 0;
    }
    return switch (flags & OpenFlags.O_ACCMODE) {
      case OpenFlags.O_RDONLY -> 0500;
      case OpenFlags.O_WRONLY -> 0300;
      default -> 0700;
    };
  }

  @Override
  protected Subject subject() {
    return subject;
  }

  @Override
  public boolean mayBeMountPoint() {
    return false;
  }

  @Override
  protected Owner owner() {
    return subject.owner();
  }

  @Override
  protected long size() {
    return SIZE;
  }

  private OpenFileDescription acquire() throws ErrnoException {
    subject.checkInspect(Errno.EACCES);
    Task task = subject.live();
    OpenFileDescription file = task == null ? null : task.files().acquire(fd);
    if (file == null) {
      throw ErrnoException.of(Errno.ENOENT);
    }
    return file;
  }

  @Override
  public String readlink() throws ErrnoException {
    OpenFileDescription file = acquire();
    try {
      VfsPath path = file.path();
      return path == null ? file.displayName() : PlaceNames.shown(path);
    } finally {
      file.drop();
    }
  }

  @Override
  public MagicTarget magicTarget() throws ErrnoException {
    OpenFileDescription file = acquire();
    return new MagicTarget(file.path(), file);
  }
}
