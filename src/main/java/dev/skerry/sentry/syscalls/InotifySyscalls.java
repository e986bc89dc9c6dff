package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.fs.inotify.InotifyFile;
import dev.skerry.sentry.fs.inotify.InotifyLimits;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.vfs.Access;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.OpenFlags;
import dev.skerry.sentry.vfs.VfsPath;
import dev.skerry.sentry.vfs.VirtualFileSystem;

/** Watching files and directories (inotify(7)). */
final class InotifySyscalls {
  private static final int INIT_FLAGS = OpenFlags.O_CLOEXEC | OpenFlags.O_NONBLOCK;

  /** IN_UNMOUNT, IN_Q_OVERFLOW, IN_IGNORED, IN_ISDIR: allowed, and without effect. */
  private static final int OUTPUT_BITS = 0x4000_e000;

  private static final int ONE_OF = InotifyFile.IN_MASK_ADD | InotifyFile.IN_MASK_CREATE;
  private static final int KNOWN =
      InotifyFile.IN_ALL_EVENTS
          | OUTPUT_BITS
          | InotifyFile.IN_ONLYDIR
          | InotifyFile.IN_DONT_FOLLOW
          | InotifyFile.IN_EXCL_UNLINK
          | ONE_OF
          | InotifyFile.IN_ONESHOT;

  private final InotifyLimits limits = new InotifyLimits();

  private InotifySyscalls() {}

  static void register(SyscallTable table) {
    InotifySyscalls calls = new InotifySyscalls();
    table.supported(Syscall.INOTIFY_INIT, calls::inotify_init);
    table.supported(Syscall.INOTIFY_INIT1, calls::inotify_init1);
    table.supported(Syscall.INOTIFY_ADD_WATCH, calls::inotify_add_watch);
    table.supported(Syscall.INOTIFY_RM_WATCH, calls::inotify_rm_watch);
  }

  long inotify_init(Task task, SyscallArgs args) throws ErrnoException {
    return create(task, 0);
  }

  long inotify_init1(Task task, SyscallArgs args) throws ErrnoException {
    int flags = args.intAt(0);
    return (flags & ~INIT_FLAGS) != 0 ? -Errno.EINVAL : create(task, flags);
  }

  private long create(Task task, int flags) throws ErrnoException {
    int kept = flags & OpenFlags.O_NONBLOCK;
    InotifyFile file = InotifyFile.create(kept, limits, task.credentials().euid());
    return task.files().install(file, (flags & OpenFlags.O_CLOEXEC) != 0, 0);
  }

  long inotify_add_watch(Task task, SyscallArgs args) throws ErrnoException {
    int mask = args.intAt(2);
    if ((mask & ~KNOWN) != 0 || mask == 0) {
      return -Errno.EINVAL;
    }
    OpenFileDescription file = Paths.file(task, args.intAt(0));
    try {
      if ((mask & ONE_OF) == ONE_OF || !(file instanceof InotifyFile inotify)) {
        return -Errno.EINVAL;
      }
      String path = Paths.read(task, args.addressAt(1));
      int flags = (mask & InotifyFile.IN_DONT_FOLLOW) != 0 ? 0 : VirtualFileSystem.FOLLOW;
      if ((mask & InotifyFile.IN_ONLYDIR) != 0) {
        flags |= VirtualFileSystem.DIRECTORY;
      }
      VfsPath found = task.kernel().vfs().walk(Paths.origin(task), null, path, flags);
      Access.check(task.credentials(), found.inode(), Access.READ);
      return inotify.addWatch(found, mask);
    } finally {
      file.drop();
    }
  }

  long inotify_rm_watch(Task task, SyscallArgs args) throws ErrnoException {
    OpenFileDescription file = Paths.file(task, args.intAt(0));
    try {
      return file instanceof InotifyFile inotify
          ? inotify.removeWatch(args.intAt(1))
          : -Errno.EINVAL;
    } finally {
      file.drop();
    }
  }
}
