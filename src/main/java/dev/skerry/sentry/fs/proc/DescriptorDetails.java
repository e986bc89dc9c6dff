package dev.skerry.sentry.fs.proc;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.FdTable;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.OpenFlags;
import dev.skerry.sentry.vfs.Owner;
import dev.skerry.sentry.vfs.VfsPath;
import dev.skerry.sentry.vfs.synthetic.GeneratedFile;

/** /proc/PID/fdinfo/N. */
final class DescriptorDetails extends GeneratedFile {
  private static final int SEEK_CUR = 1;

  /** The mount of files without a place, which no table of mounts shows. */
  private static final int NO_MOUNT = 16;

  private final Subject subject;
  private final int fd;

  DescriptorDetails(Subject subject, int fd) {
    super(subject.fileSystem(), subject.inode(Subject.DESCRIPTOR_DETAILS, fd), 0444);
    this.subject = subject;
    this.fd = fd;
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
  protected void checkOpen() throws ErrnoException {
    subject.checkInspect(Errno.EACCES);
  }

  @Override
  protected boolean opensForWriting() {
    return true;
  }

  @Override
  protected String text() throws ErrnoException {
    Task task = subject.live();
    FdTable files = task == null ? null : task.files();
    OpenFileDescription file = files == null ? null : files.acquire(fd);
    if (files == null || file == null) {
      throw ErrnoException.of(Errno.ENOENT);
    }
    try {
      int flags = file.flags();
      if (files.getFlags(fd) == FdTable.FD_CLOEXEC) {
        flags |= OpenFlags.O_CLOEXEC;
      }
      VfsPath path = file.path();
      return "pos:\t"
          + Math.max(file.seek(0, SEEK_CUR), 0)
          + "\nflags:\t0"
          + Integer.toOctalString(flags)
          + "\nmnt_id:\t"
          + (path == null ? NO_MOUNT : path.mount().id())
          + "\nino:\t"
          + file.stat().ino()
          + "\n"
          + file.details();
    } finally {
      file.drop();
    }
  }
}
