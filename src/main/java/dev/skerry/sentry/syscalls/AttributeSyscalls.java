package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Signal;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.kernel.Rlimits;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.landlock.AccessRights;
import dev.skerry.sentry.vfs.Access;
import dev.skerry.sentry.vfs.AttributeRules;
import dev.skerry.sentry.vfs.FileEvents;
import dev.skerry.sentry.vfs.FileFlags;
import dev.skerry.sentry.vfs.Inode;
import dev.skerry.sentry.vfs.LeaseBreak;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.Origin;
import dev.skerry.sentry.vfs.RegularFile;
import dev.skerry.sentry.vfs.VfsPath;
import dev.skerry.sentry.vfs.VirtualFileSystem;

/** Changing and asking attributes: chmod(2), chown(2), access(2), truncate(2), fallocate(2). */
final class AttributeSyscalls {
  private static final int FALLOC_FL_KEEP_SIZE = 1;
  private static final int AT_EACCESS = 0x200;
  private static final int ACCESS_FLAGS =
      AT_EACCESS | Paths.AT_SYMLINK_NOFOLLOW | Paths.AT_EMPTY_PATH;
  private static final int FOLLOW_FLAGS = Paths.AT_SYMLINK_NOFOLLOW | Paths.AT_EMPTY_PATH;

  private AttributeSyscalls() {}

  static void register(SyscallTable table) {
    table.supported(Syscall.CHMOD, AttributeSyscalls::chmod);
    table.supported(Syscall.FCHMOD, AttributeSyscalls::fchmod);
    table.supported(Syscall.FCHMODAT, AttributeSyscalls::fchmodat);
    table.supported(Syscall.FCHMODAT2, AttributeSyscalls::fchmodat2);
    table.supported(Syscall.CHOWN, AttributeSyscalls::chown);
    table.supported(Syscall.LCHOWN, AttributeSyscalls::lchown);
    table.supported(Syscall.FCHOWN, AttributeSyscalls::fchown);
    table.supported(Syscall.FCHOWNAT, AttributeSyscalls::fchownat);
    table.supported(Syscall.ACCESS, AttributeSyscalls::access);
    table.supported(Syscall.FACCESSAT, AttributeSyscalls::faccessat);
    table.supported(Syscall.FACCESSAT2, AttributeSyscalls::faccessat2);
    table.supported(Syscall.TRUNCATE, AttributeSyscalls::truncate);
    table.supported(Syscall.FTRUNCATE, AttributeSyscalls::ftruncate);
    table.supported(Syscall.FALLOCATE, AttributeSyscalls::fallocate);
  }

  static long chmod(Task task, SyscallArgs args) throws ErrnoException {
    return chmod(task, Paths.AT_FDCWD, args.addressAt(0), args.intAt(1), 0);
  }

  static long fchmodat(Task task, SyscallArgs args) throws ErrnoException {
    return chmod(task, args.intAt(0), args.addressAt(1), args.intAt(2), 0);
  }

  static long fchmodat2(Task task, SyscallArgs args) throws ErrnoException {
    int flags = args.intAt(3);
    if ((flags & ~FOLLOW_FLAGS) != 0) {
      return -Errno.EINVAL;
    }
    return chmod(task, args.intAt(0), args.addressAt(1), args.intAt(2), flags);
  }

  private static long chmod(Task task, int dirFd, long address, int mode, int flags)
      throws ErrnoException {
    VfsPath found = Paths.walk(task, dirFd, Paths.read(task, address, flags), flags);
    AttributeRules.chmod(task.credentials(), found, mode & 07777);
    return 0;
  }

  static long fchmod(Task task, SyscallArgs args) throws ErrnoException {
    OpenFileDescription file = Paths.file(task, args.intAt(0));
    try {
      VfsPath place = task.kernel().vfs().placeOf(file);
      AttributeRules.chmod(task.credentials(), place, args.intAt(1) & 07777);
      return 0;
    } finally {
      file.drop();
    }
  }

  static long chown(Task task, SyscallArgs args) throws ErrnoException {
    return chown(task, Paths.AT_FDCWD, args.addressAt(0), args.intAt(1), args.intAt(2), 0);
  }

  static long lchown(Task task, SyscallArgs args) throws ErrnoException {
    return chown(
        task,
        Paths.AT_FDCWD,
        args.addressAt(0),
        args.intAt(1),
        args.intAt(2),
        Paths.AT_SYMLINK_NOFOLLOW);
  }

  static long fchownat(Task task, SyscallArgs args) throws ErrnoException {
    int flags = args.intAt(4);
    if ((flags & ~FOLLOW_FLAGS) != 0) {
      return -Errno.EINVAL;
    }
    return chown(task, args.intAt(0), args.addressAt(1), args.intAt(2), args.intAt(3), flags);
  }

  private static long chown(Task task, int dirFd, long address, int uid, int gid, int flags)
      throws ErrnoException {
    VfsPath found = Paths.walk(task, dirFd, Paths.read(task, address, flags), flags);
    chown(task, found, uid, gid);
    return 0;
  }

  static long fchown(Task task, SyscallArgs args) throws ErrnoException {
    OpenFileDescription file = Paths.file(task, args.intAt(0));
    try {
      VfsPath place = task.kernel().vfs().placeOf(file);
      chown(task, place, args.intAt(1), args.intAt(2));
      return 0;
    } finally {
      file.drop();
    }
  }

  private static void chown(Task task, VfsPath path, int uid, int gid) throws ErrnoException {
    Credentials who = task.credentials();
    int owner = uid == -1 ? -1 : who.userNamespace().uid(uid);
    int group = gid == -1 ? -1 : who.userNamespace().gid(gid);
    if ((uid != -1 && owner == -1) || (gid != -1 && group == -1)) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    AttributeRules.chown(who, path, owner, group);
  }

  static long access(Task task, SyscallArgs args) throws ErrnoException {
    return access(task, Paths.AT_FDCWD, args.addressAt(0), args.intAt(1), 0);
  }

  static long faccessat(Task task, SyscallArgs args) throws ErrnoException {
    return access(task, args.intAt(0), args.addressAt(1), args.intAt(2), 0);
  }

  static long faccessat2(Task task, SyscallArgs args) throws ErrnoException {
    return access(task, args.intAt(0), args.addressAt(1), args.intAt(2), args.intAt(3));
  }

  private static long access(Task task, int dirFd, long address, int mode, int flags)
      throws ErrnoException {
    if ((mode & ~7) != 0 || (flags & ~ACCESS_FLAGS) != 0) {
      return -Errno.EINVAL;
    }
    Credentials who = task.credentials();
    if ((flags & AT_EACCESS) == 0) {
      who = who.byRealIds();
    }
    String path = Paths.read(task, address, flags);
    int walkFlags = (flags & Paths.AT_SYMLINK_NOFOLLOW) != 0 ? 0 : VirtualFileSystem.FOLLOW;
    if ((flags & Paths.AT_EMPTY_PATH) != 0) {
      walkFlags |= VirtualFileSystem.EMPTY;
    }
    Origin origin = task.fs().origin(who);
    VfsPath start = Paths.start(task, dirFd, path);
    VfsPath found = task.kernel().vfs().walk(origin, start, path, walkFlags);
    Inode inode = found.inode();
    boolean executesRegular = (mode & Access.EXECUTE) != 0 && inode.isRegular();
    if (executesRegular && found.mount().isNoExec()) {
      return -Errno.EACCES;
    }
    Access.check(who, inode, mode);
    boolean special = !inode.isRegular() && !inode.isDirectory() && !inode.isSymlink();
    if ((mode & Access.WRITE) != 0 && !special && found.mount().isReadOnly()) {
      return -Errno.EROFS;
    }
    return 0;
  }

  static long truncate(Task task, SyscallArgs args) throws ErrnoException {
    String path = Paths.read(task, args.addressAt(0));
    long length = args.longAt(1);
    if (length < 0) {
      return -Errno.EINVAL;
    }
    VfsPath found = Paths.walk(task, Paths.AT_FDCWD, path, 0);
    AttributeRules.checkTruncate(task.credentials(), found);
    LeaseBreak awaited = LeaseBreak.ofTruncation(task.credentials(), found, length);
    if (awaited != null) {
      return LeaseSyscalls.truncate(task, awaited, length);
    }
    if (exceedsLimit(task, length)) {
      return -Errno.EFBIG;
    }
    AttributeRules.truncate(task.credentials(), found, length);
    return 0;
  }

  static long ftruncate(Task task, SyscallArgs args) throws ErrnoException {
    long length = args.longAt(1);
    if (length < 0) {
      return -Errno.EINVAL;
    }
    OpenFileDescription file = Paths.file(task, args.intAt(0));
    try {
      if (!file.isWritable()) {
        return -Errno.EINVAL;
      }
      if (file.isWithheld(AccessRights.TRUNCATE) && file instanceof RegularFile) {
        return -Errno.EACCES;
      }
      if (exceedsLimit(task, length)) {
        return -Errno.EFBIG;
      }
      VfsPath path = file.path();
      if (path != null) {
        FileFlags.checkMayShrink(path.inode());
      }
      long result = file.truncate(length);
      if (result == 0 && path != null) {
        FileEvents.changed(path, FileEvents.MODIFY);
      }
      return result;
    } finally {
      file.drop();
    }
  }

  static long fallocate(Task task, SyscallArgs args) throws ErrnoException {
    OpenFileDescription file = Paths.file(task, args.intAt(0));
    try {
      long offset = args.longAt(2);
      long length = args.longAt(3);
      if (offset < 0 || length <= 0) {
        return -Errno.EINVAL;
      }
      if (!file.isWritable()) {
        return -Errno.EBADF;
      }
      checkMayAllocate(file, args.intAt(1));
      int type = file.stat().mode() & Inode.S_IFMT;
      if (type == Inode.S_IFIFO) {
        return -Errno.ESPIPE;
      }
      if (type == Inode.S_IFDIR) {
        return -Errno.EISDIR;
      }
      if (offset + length < 0) {
        return -Errno.EFBIG;
      }
      if (exceedsLimit(task, offset + length)) {
        return -Errno.EFBIG;
      }
      long result = file.allocate(args.intAt(1), offset, length);
      if (result == 0) {
        FileEvents.modified(file);
      }
      return result;
    } finally {
      file.drop();
    }
  }

  private static void checkMayAllocate(OpenFileDescription file, int mode) throws ErrnoException {
    VfsPath path = file.path();
    if (path != null) {
      FileFlags.checkMayWrite(path.inode());
      if ((mode & ~FALLOC_FL_KEEP_SIZE) != 0) {
        FileFlags.checkMayShrink(path.inode());
      }
    }
  }

  /** Whether a file may not be so long (RLIMIT_FSIZE); then SIGXFSZ has been sent. */
  static boolean exceedsLimit(Task task, long length) {
    if (!task.group().limits().exceeds(Rlimits.FSIZE, length)) {
      return false;
    }
    task.signalSelf(Signal.SIGXFSZ);
    return true;
  }
}
