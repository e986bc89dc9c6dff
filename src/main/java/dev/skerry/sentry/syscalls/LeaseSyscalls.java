package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Capability;
import dev.skerry.sentry.kernel.IoSignal;
import dev.skerry.sentry.kernel.Results;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.kernel.Wait;
import dev.skerry.sentry.vfs.FileLeases;
import dev.skerry.sentry.vfs.LeaseBreak;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.VfsPath;
import dev.skerry.sentry.waiter.Events;

/** Leases of fcntl(2), and the calls that wait for their end: open(2), truncate(2). */
final class LeaseSyscalls {
  private LeaseSyscalls() {}

  /** F_SETLEASE. */
  static long set(Task task, OpenFileDescription file, int fd, int kind) throws ErrnoException {
    if (kind < FileLeases.READ || kind > FileLeases.NONE) {
      return -Errno.EINVAL;
    }
    VfsPath path = file.path();
    boolean own = file.stat().uid() == task.credentials().fsuid();
    if (!own && !task.credentials().hasCapability(Capability.LEASE)) {
      return -Errno.EACCES;
    }
    if (path == null || !path.inode().isRegular()) {
      return -Errno.EINVAL;
    }
    FileLeases leases = path.inode().leases();
    if (kind == FileLeases.NONE) {
      return leases.remove(file);
    }
    FileLeases.Holder holder = () -> IoSignal.message(task.kernel(), file, fd);
    long result = leases.set(file, kind, task.group().tgid(), holder);
    if (result == 0) {
      IoSignal.ownUnowned(task, file);
    }
    return result;
  }

  /** F_GETLEASE. */
  static long get(OpenFileDescription file) {
    VfsPath path = file.path();
    FileLeases leases = path == null ? null : path.inode().leasesIfAny();
    return leases == null ? FileLeases.NONE : leases.of(file);
  }

  /** Waits until the file may be used, and gives it a descriptor. */
  static long open(Task task, OpenFileDescription file, boolean closeOnExec, LeaseBreak awaited) {
    if (file.isNonBlocking()) {
      file.drop();
      return -Errno.EWOULDBLOCK;
    }
    return new Opened(task, file, closeOnExec, awaited).begin();
  }

  /** Waits until the file may be truncated. */
  static long truncate(Task task, LeaseBreak awaited, long length) {
    return new Truncated(task, awaited, length).begin();
  }

  private abstract static class LeaseWait extends Wait {
    private final LeaseBreak awaited;

    LeaseWait(Task task, LeaseBreak awaited) {
      super(task);
      this.awaited = awaited;
    }

    final long begin() {
      on(awaited.queue(), Events.READABLE);
      if (!awaited.isEndless()) {
        until(awaited.end());
      }
      return park();
    }

    @Override
    protected final long attempt() {
      return awaited.isOver() ? proceed() : Results.NOT_YET;
    }

    @Override
    protected final long timedOut() {
      return proceed();
    }

    private long proceed() {
      try {
        return proceed(awaited);
      } catch (ErrnoException e) {
        return e.result();
      }
    }

    /** The leases are gone. */
    abstract long proceed(LeaseBreak over) throws ErrnoException;

    @Override
    protected final void finished() {
      ended(awaited);
    }

    abstract void ended(LeaseBreak over);
  }

  private static final class Opened extends LeaseWait {
    private final OpenFileDescription file;
    private final boolean closeOnExec;

    Opened(Task task, OpenFileDescription file, boolean closeOnExec, LeaseBreak awaited) {
      super(task, awaited);
      this.file = file;
      this.closeOnExec = closeOnExec;
    }

    @Override
    long proceed(LeaseBreak over) throws ErrnoException {
      over.finish();
      return task().files().install(file.acquire(), closeOnExec, 0);
    }

    @Override
    void ended(LeaseBreak over) {
      file.drop();
    }
  }

  private static final class Truncated extends LeaseWait {
    private final long length;

    Truncated(Task task, LeaseBreak awaited, long length) {
      super(task, awaited);
      this.length = length;
    }

    @Override
    long proceed(LeaseBreak over) throws ErrnoException {
      if (AttributeSyscalls.exceedsLimit(task(), length)) {
        return -Errno.EFBIG;
      }
      over.finish();
      return 0;
    }

    @Override
    void ended(LeaseBreak over) {
      over.endTruncation();
    }
  }
}
