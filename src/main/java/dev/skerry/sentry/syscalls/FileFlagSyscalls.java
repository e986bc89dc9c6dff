package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Capability;
import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.usermem.UserMemory;
import dev.skerry.sentry.vfs.Access;
import dev.skerry.sentry.vfs.AttributeRules;
import dev.skerry.sentry.vfs.FileFlags;
import dev.skerry.sentry.vfs.Inode;
import dev.skerry.sentry.vfs.VfsPath;
import java.util.Arrays;

/**
 * The flags of files: FS_IOC_GETFLAGS and its like (ioctl_iflags(2)), file_getattr(2),
 * file_setattr(2). Linux: fs/file_attr.c.
 */
final class FileFlagSyscalls {
  private static final int GETFLAGS = 0x8008_6601;
  private static final int SETFLAGS = 0x4008_6602;
  private static final int FSGETXATTR = 0x801c_581f;
  private static final int FSSETXATTR = 0x401c_5820;

  /** sizeof(struct fsxattr), and of the struct file_attr of file_getattr(2). */
  private static final int FSXATTR_SIZE = 28;

  private static final int FILE_ATTR_SIZE = 24;
  private static final int MOST_BYTES = 4096;

  private static final int SETTABLE =
      FileFlags.IMMUTABLE | FileFlags.APPEND | FileFlags.NODUMP | FileFlags.NOATIME;
  private static final int PRIVILEGED = FileFlags.IMMUTABLE | FileFlags.APPEND;

  // What FS_XFLAG_ constants stand for.
  private static final int X_IMMUTABLE = 0x8;
  private static final int X_APPEND = 0x10;
  private static final int X_NOATIME = 0x40;
  private static final int X_NODUMP = 0x80;
  private static final int X_EXTENT_INHERITS = 0x1000;

  /** What tells of a file and is not set, and what says nothing without a size. */
  private static final int X_IGNORED = 0x8001_0802;

  private static final long X_KNOWN = 0x8001_fffbL;

  private FileFlagSyscalls() {}

  static void register(SyscallTable table) {
    String note = "files of a tmpfs, an overlay, and memfd_create";
    table.partial(Syscall.FILE_GETATTR, FileFlagSyscalls::file_getattr, note);
    table.partial(Syscall.FILE_SETATTR, FileFlagSyscalls::file_setattr, note);
  }

  static boolean isRequest(int request) {
    return request == GETFLAGS
        || request == SETFLAGS
        || request == FSGETXATTR
        || request == FSSETXATTR;
  }

  /** One of the requests, for a file that has flags. */
  static long ioctl(Task task, VfsPath path, int request, long argument) throws ErrnoException {
    UserMemory memory = task.memory();
    Inode inode = path.inode();
    switch (request) {
      case GETFLAGS -> memory.writeInt(argument, inode.flags());
      case FSGETXATTR ->
          new StructWriter(FSXATTR_SIZE)
              .putInt(0, extended(inode.flags()))
              .copyOut(memory, argument);
      case SETFLAGS -> set(task.credentials(), path, memory.readInt(argument));
      default -> {
        StructReader in = new StructReader(memory.readBytes(argument, FSXATTR_SIZE));
        int flags = in.intAt(0);
        if ((flags & ~(int) X_KNOWN) != 0) {
          return -Errno.EOPNOTSUPP;
        }
        boolean sizes = in.intAt(4) != 0 || in.intAt(12) != 0 || in.intAt(16) != 0;
        setExtended(task.credentials(), path, flags, sizes);
      }
    }
    return 0;
  }

  static long file_getattr(Task task, SyscallArgs args) throws ErrnoException {
    int size = size(args);
    Inode inode = find(task, args).inode();
    if (!inode.hasFlags()) {
      return -Errno.EOPNOTSUPP;
    }
    StructWriter out =
        new StructWriter(FILE_ATTR_SIZE)
            .putLong(0, Integer.toUnsignedLong(extended(inode.flags())));
    task.memory().writeBytes(args.addressAt(2), Arrays.copyOf(out.bytes(), size));
    return 0;
  }

  static long file_setattr(Task task, SyscallArgs args) throws ErrnoException {
    StructReader in =
        ExtensibleStruct.read(
            task.memory(), args.addressAt(2), size(args), FILE_ATTR_SIZE, FILE_ATTR_SIZE);
    if ((in.longAt(0) & ~X_KNOWN) != 0) {
      return -Errno.EINVAL;
    }
    VfsPath path = find(task, args);
    if (!path.inode().hasFlags()) {
      return -Errno.EOPNOTSUPP;
    }
    boolean sizes = in.intAt(8) != 0 || in.intAt(16) != 0 || in.intAt(20) != 0;
    setExtended(task.credentials(), path, (int) in.longAt(0), sizes);
    return 0;
  }

  private static int size(SyscallArgs args) throws ErrnoException {
    int flags = args.intAt(4);
    long size = args.longAt(3);
    if ((flags & ~(Paths.AT_SYMLINK_NOFOLLOW | Paths.AT_EMPTY_PATH)) != 0) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    if (Long.compareUnsigned(size, MOST_BYTES) > 0) {
      throw ErrnoException.of(Errno.E2BIG);
    }
    if (size < FILE_ATTR_SIZE) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    return (int) size;
  }

  private static VfsPath find(Task task, SyscallArgs args) throws ErrnoException {
    int flags = args.intAt(4);
    String path = Paths.read(task, args.addressAt(1), flags);
    return Paths.walk(task, args.intAt(0), path, flags);
  }

  private static int extended(int flags) {
    return ((flags & FileFlags.IMMUTABLE) != 0 ? X_IMMUTABLE : 0)
        | ((flags & FileFlags.APPEND) != 0 ? X_APPEND : 0)
        | ((flags & FileFlags.NOATIME) != 0 ? X_NOATIME : 0)
        | ((flags & FileFlags.NODUMP) != 0 ? X_NODUMP : 0);
  }

  private static void setExtended(Credentials who, VfsPath path, int extended, boolean sizes)
      throws ErrnoException {
    int flags =
        ((extended & X_IMMUTABLE) != 0 ? FileFlags.IMMUTABLE : 0)
            | ((extended & X_APPEND) != 0 ? FileFlags.APPEND : 0)
            | ((extended & X_NOATIME) != 0 ? FileFlags.NOATIME : 0)
            | ((extended & X_NODUMP) != 0 ? FileFlags.NODUMP : 0);
    int ignored = X_IGNORED | (path.inode().isDirectory() ? X_EXTENT_INHERITS : 0);
    int strange = extended & ~extended(flags) & ~ignored;
    checkMaySet(who, path, flags);
    if ((strange & X_EXTENT_INHERITS) != 0) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    if (strange != 0 || sizes) {
      throw ErrnoException.of(Errno.EOPNOTSUPP);
    }
    path.inode().setFlags(flags);
  }

  private static void set(Credentials who, VfsPath path, int flags) throws ErrnoException {
    checkMaySet(who, path, flags);
    if ((flags & ~SETTABLE) != 0) {
      throw ErrnoException.of(Errno.EOPNOTSUPP);
    }
    path.inode().setFlags(flags);
  }

  private static void checkMaySet(Credentials who, VfsPath path, int flags) throws ErrnoException {
    AttributeRules.checkWritable(path);
    Inode inode = path.inode();
    boolean privileged = ((inode.flags() ^ flags) & PRIVILEGED) != 0;
    if (!Access.isOwner(who, inode.stat())
        || privileged && !who.hasCapability(Capability.LINUX_IMMUTABLE)) {
      throw ErrnoException.of(Errno.EPERM);
    }
  }
}
