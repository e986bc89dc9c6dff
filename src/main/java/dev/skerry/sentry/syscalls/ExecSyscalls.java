package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.FsContext;
import dev.skerry.sentry.kernel.Results;
import dev.skerry.sentry.kernel.Rlimits;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.loader.ExecArguments;
import dev.skerry.sentry.loader.Loader;
import dev.skerry.sentry.loader.PreparedProgram;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.Origin;
import dev.skerry.sentry.vfs.VfsPath;
import dev.skerry.sentry.vfs.VirtualFileSystem;
import org.jspecify.annotations.Nullable;

/** execve(2) and execveat(2). */
final class ExecSyscalls {
  private static final int AT_FDCWD = -100;
  private static final int AT_SYMLINK_NOFOLLOW = 0x100;
  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int PATH_MAX = 4096;

  private ExecSyscalls() {}

  static void register(SyscallTable table) {
    table.partial(Syscall.EXECVE, ExecSyscalls::execve, "no file capabilities");
    table.partial(Syscall.EXECVEAT, ExecSyscalls::execveat, "as execve");
  }

  static long execve(Task task, SyscallArgs args) throws ErrnoException {
    String name = task.memory().readString(args.addressAt(0), PATH_MAX);
    ExecArguments arguments = arguments(task, args.addressAt(1), args.addressAt(2));
    return execute(task, null, name, VirtualFileSystem.FOLLOW, name, name, arguments);
  }

  static long execveat(Task task, SyscallArgs args) throws ErrnoException {
    int fd = args.intAt(0);
    int flags = args.intAt(4);
    if ((flags & ~(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW)) != 0) {
      return -Errno.EINVAL;
    }
    String name = task.memory().readString(args.addressAt(1), PATH_MAX);
    ExecArguments arguments = arguments(task, args.addressAt(2), args.addressAt(3));
    int walk = (flags & AT_SYMLINK_NOFOLLOW) != 0 ? 0 : VirtualFileSystem.FOLLOW;
    if ((flags & AT_EMPTY_PATH) != 0) {
      walk |= VirtualFileSystem.EMPTY;
    }
    if (fd == AT_FDCWD || name.startsWith("/")) {
      return execute(task, null, name, walk, name, name, arguments);
    }
    OpenFileDescription directory = task.files().acquire(fd);
    if (directory == null) {
      return -Errno.EBADF;
    }
    try {
      VfsPath start = directory.path();
      if (start == null) {
        return name.isEmpty() ? -Errno.EACCES : -Errno.ENOTDIR;
      }
      String shown = name.isEmpty() ? "/dev/fd/" + fd : "/dev/fd/" + fd + "/" + name;
      boolean vanishes = task.files().getFlags(fd) > 0;
      return execute(task, start, name, walk, vanishes ? null : shown, shown, arguments);
    } finally {
      directory.drop();
    }
  }

  private static ExecArguments arguments(Task task, long argv, long envp) throws ErrnoException {
    long stackLimit = task.group().limits().soft(Rlimits.STACK);
    return ExecArguments.copyIn(task.memory(), argv, envp, stackLimit);
  }

  private static long execute(
      Task task,
      @Nullable VfsPath start,
      String name,
      int walkFlags,
      @Nullable String scriptName,
      String shownName,
      ExecArguments arguments)
      throws ErrnoException {
    FsContext fs = task.fs();
    Origin origin = new Origin(task.credentials(), fs.root(), fs.cwd(), fs.umask());
    PreparedProgram program =
        new Loader(task.kernel().vfs(), origin)
            .prepare(start, name, walkFlags, scriptName, shownName, arguments);
    if (!arguments.hold()) {
      program.close();
      return -Errno.ENOMEM;
    }
    program.execute(task);
    return Results.PARKED;
  }
}
