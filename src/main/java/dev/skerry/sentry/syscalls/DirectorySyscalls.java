package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Capability;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.vfs.Access;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.PathNames;
import dev.skerry.sentry.vfs.VfsPath;
import dev.skerry.sentry.vfs.VirtualFileSystem;

/**
 * Reading directories; working directory and root: getdents64(2), chdir(2), getcwd(2), chroot(2).
 */
final class DirectorySyscalls {
  private static final int PATH_MAX = 4096;
  private static final int SEEK_SET = 0;
  private static final int SEEK_CUR = 1;

  private DirectorySyscalls() {}

  static void register(SyscallTable table) {
    table.supported(Syscall.GETDENTS64, DirectorySyscalls::getdents64);
    table.supported(Syscall.GETDENTS, DirectorySyscalls::getdents);
    table.supported(Syscall.CHDIR, DirectorySyscalls::chdir);
    table.supported(Syscall.FCHDIR, DirectorySyscalls::fchdir);
    table.supported(Syscall.GETCWD, DirectorySyscalls::getcwd);
    table.supported(Syscall.CHROOT, DirectorySyscalls::chroot);
    table.supported(Syscall.UMASK, DirectorySyscalls::umask);
  }

  static long getdents64(Task task, SyscallArgs args) throws ErrnoException {
    return list(task, args, true);
  }

  static long getdents(Task task, SyscallArgs args) throws ErrnoException {
    return list(task, args, false);
  }

  private static long list(Task task, SyscallArgs args, boolean wide) throws ErrnoException {
    OpenFileDescription file = Paths.file(task, args.intAt(0));
    try {
      DirectoryRecords records = new DirectoryRecords(args.intAt(2), wide);
      long before = file.seek(0, SEEK_CUR);
      long result = file.readDirectory(records);
      if (result >= 0) {
        result = records.copyOut(task.memory(), args.addressAt(1));
        if (result < records.length()) {
          // What the guest did not get is read again.
          file.seek(result > 0 ? records.positionAfter((int) result) : before, SEEK_SET);
        }
      }
      return result;
    } finally {
      file.drop();
    }
  }

  static long chdir(Task task, SyscallArgs args) throws ErrnoException {
    String path = Paths.read(task, args.addressAt(0));
    VfsPath found =
        task.kernel()
            .vfs()
            .walk(
                Paths.origin(task),
                null,
                path,
                VirtualFileSystem.FOLLOW | VirtualFileSystem.DIRECTORY);
    return change(task, found);
  }

  static long fchdir(Task task, SyscallArgs args) throws ErrnoException {
    OpenFileDescription file = Paths.anyFile(task, args.intAt(0));
    VfsPath path = file.path();
    file.drop();
    if (path == null || !path.inode().isDirectory()) {
      return -Errno.ENOTDIR;
    }
    return change(task, path);
  }

  private static long change(Task task, VfsPath directory) throws ErrnoException {
    Access.check(task.credentials(), directory.inode(), Access.EXECUTE);
    task.fs().setCwd(directory);
    return 0;
  }

  static long chroot(Task task, SyscallArgs args) throws ErrnoException {
    String path = Paths.read(task, args.addressAt(0));
    VfsPath found =
        task.kernel()
            .vfs()
            .walk(
                Paths.origin(task),
                null,
                path,
                VirtualFileSystem.FOLLOW | VirtualFileSystem.DIRECTORY);
    Access.check(task.credentials(), found.inode(), Access.EXECUTE);
    if (!task.credentials().hasOwnCapability(Capability.SYS_CHROOT)) {
      return -Errno.EPERM;
    }
    task.fs().setRoot(found);
    return 0;
  }

  static long getcwd(Task task, SyscallArgs args) {
    VfsPath cwd = task.fs().cwd();
    if (cwd.dentry().isDeleted()) {
      return -Errno.ENOENT;
    }
    String name = PathNames.asSeenFrom(task.fs().root(), cwd);
    int length = name.length() + 1;
    if (length > PATH_MAX) {
      return -Errno.ENAMETOOLONG;
    }
    if (Long.compareUnsigned(args.longAt(1), length) < 0) {
      return -Errno.ERANGE;
    }
    byte[] bytes = new byte[length];
    for (int i = 0; i < name.length(); i++) {
      bytes[i] = (byte) name.charAt(i);
    }
    return task.memory().copyOut(args.addressAt(0), bytes, 0, length);
  }

  static long umask(Task task, SyscallArgs args) {
    return task.fs().setUmask(args.intAt(0));
  }
}
