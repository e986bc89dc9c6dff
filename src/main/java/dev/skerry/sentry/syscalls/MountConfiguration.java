package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Capability;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.usermem.UserMemory;
import dev.skerry.sentry.vfs.FileSystem;
import dev.skerry.sentry.vfs.FileSystemContext;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.Restrictions;
import dev.skerry.sentry.vfs.TreeFile;
import dev.skerry.sentry.vfs.VfsPath;
import dev.skerry.sentry.vfs.VirtualFileSystem;
import org.jspecify.annotations.Nullable;

/** fsopen(2), fspick(2), fsconfig(2), fsmount(2). Linux: fs/fsopen.c. */
final class MountConfiguration {
  private static final int CLOEXEC = 1;
  private static final int FSPICK_SYMLINK_NOFOLLOW = 2;
  private static final int FSPICK_EMPTY_PATH = 8;
  private static final int FSPICK_KNOWN = 15;

  private static final int SET_FLAG = 0;
  private static final int SET_STRING = 1;
  private static final int SET_BINARY = 2;
  private static final int SET_PATH = 3;
  private static final int SET_PATH_EMPTY = 4;
  private static final int SET_FD = 5;
  private static final int CREATE = 6;
  private static final int RECONFIGURE = 7;
  private static final int CREATE_EXCL = 8;

  private static final int PAGE = 4096;
  private static final int MOST_TEXT = 256;
  private static final int MOST_BINARY = 1 << 20;

  private MountConfiguration() {}

  static void register(SyscallTable table) {
    table.supported(Syscall.FSOPEN, MountConfiguration::fsopen);
    table.supported(Syscall.FSPICK, MountConfiguration::fspick);
    table.partial(
        Syscall.FSCONFIG,
        MountConfiguration::fsconfig,
        "options as for mount; reconfigured is only whether it is read-only");
    table.supported(Syscall.FSMOUNT, MountConfiguration::fsmount);
  }

  static long fsopen(Task task, SyscallArgs args) throws ErrnoException {
    if (!MountSyscalls.mayMount(task)) {
      return -Errno.EPERM;
    }
    int flags = args.intAt(1);
    if ((flags & ~CLOEXEC) != 0) {
      return -Errno.EINVAL;
    }
    String type = text(task.memory(), args.addressAt(0), PAGE);
    VirtualFileSystem vfs = task.kernel().vfs();
    if (!vfs.types().names().contains(type)) {
      return -Errno.ENODEV;
    }
    FileSystemContext context = new FileSystemContext(vfs.types(), type);
    return task.files().install(context, flags != 0, 0);
  }

  /** A string of at most so many bytes with the NUL, else EINVAL. */
  private static String text(UserMemory memory, long address, int most) throws ErrnoException {
    try {
      return memory.readString(address, most);
    } catch (ErrnoException e) {
      throw e.errno() == Errno.ENAMETOOLONG ? ErrnoException.of(Errno.EINVAL) : e;
    }
  }

  static long fspick(Task task, SyscallArgs args) throws ErrnoException {
    if (!MountSyscalls.mayMount(task)) {
      return -Errno.EPERM;
    }
    int flags = args.intAt(2);
    if ((flags & ~FSPICK_KNOWN) != 0) {
      return -Errno.EINVAL;
    }
    int how = (flags & FSPICK_SYMLINK_NOFOLLOW) != 0 ? Paths.AT_SYMLINK_NOFOLLOW : 0;
    how |= (flags & FSPICK_EMPTY_PATH) != 0 ? Paths.AT_EMPTY_PATH : 0;
    String path = Paths.read(task, args.addressAt(1), how);
    VfsPath found = Paths.walk(task, args.intAt(0), path, how);
    if (found.dentry() != found.mount().root()) {
      return -Errno.EINVAL;
    }
    FileSystem fileSystem = found.inode().fileSystem();
    VirtualFileSystem vfs = task.kernel().vfs();
    FileSystemContext context = new FileSystemContext(vfs.types(), fileSystem);
    return task.files().install(context, (flags & CLOEXEC) != 0, 0);
  }

  /** Whether the arguments go together with the command: zero, -EINVAL or -EOPNOTSUPP. */
  private static long checkArguments(int command, boolean key, boolean value, int extra) {
    boolean fit =
        switch (command) {
          case SET_FLAG -> key && !value && extra == 0;
          case SET_STRING -> key && value && extra == 0;
          case SET_BINARY -> key && value && extra > 0 && extra <= MOST_BINARY;
          case SET_PATH, SET_PATH_EMPTY -> key && value && (extra == Paths.AT_FDCWD || extra >= 0);
          case SET_FD -> key && !value && extra >= 0;
          default -> !key && !value && extra == 0;
        };
    if (command < SET_FLAG || command > CREATE_EXCL) {
      return -Errno.EOPNOTSUPP;
    }
    return fit ? 0 : -Errno.EINVAL;
  }

  static long fsconfig(Task task, SyscallArgs args) throws ErrnoException {
    int command = args.intAt(1);
    long keyAddress = args.addressAt(2);
    long wrong = checkArguments(command, keyAddress != 0, args.addressAt(3) != 0, args.intAt(4));
    if (args.intAt(0) < 0 || wrong != 0) {
      return wrong != 0 && args.intAt(0) >= 0 ? wrong : -Errno.EINVAL;
    }
    OpenFileDescription file = Paths.file(task, args.intAt(0));
    try {
      if (!(file instanceof FileSystemContext context)) {
        return -Errno.EINVAL;
      }
      switch (command) {
        case CREATE, CREATE_EXCL -> context.create(Paths.origin(task));
        case RECONFIGURE -> {
          Restrictions.checkMounting(task.credentials());
          context.reconfigure(mayReconfigure(task, context));
        }
        default -> {
          String key = text(task.memory(), keyAddress, MOST_TEXT);
          String value = value(task, args, command);
          context.set(key, value, command == SET_STRING, task.credentials());
        }
      }
      return 0;
    } finally {
      file.drop();
    }
  }

  private static boolean mayReconfigure(Task task, FileSystemContext context) {
    FileSystem fileSystem = context.mounted();
    return fileSystem != null
        && task.credentials().hasCapability(fileSystem.userNamespace(), Capability.SYS_ADMIN);
  }

  /** The parameter's value; of what is no text it counts only that it is there. */
  private static @Nullable String value(Task task, SyscallArgs args, int command)
      throws ErrnoException {
    UserMemory memory = task.memory();
    switch (command) {
      case SET_STRING -> {
        return text(memory, args.addressAt(3), MOST_TEXT);
      }
      case SET_BINARY -> {
        memory.readBytes(args.addressAt(3), args.intAt(4));
        return "";
      }
      case SET_PATH -> {
        return Paths.read(task, args.addressAt(3));
      }
      case SET_PATH_EMPTY -> {
        return Paths.read(task, args.addressAt(3), Paths.AT_EMPTY_PATH);
      }
      case SET_FD -> {
        Paths.anyFile(task, args.intAt(4)).drop();
        return "";
      }
      default -> {
        return null;
      }
    }
  }

  static long fsmount(Task task, SyscallArgs args) throws ErrnoException {
    if (!MountSyscalls.mayMount(task)) {
      return -Errno.EPERM;
    }
    int flags = args.intAt(1);
    if ((flags & ~CLOEXEC) != 0) {
      return -Errno.EINVAL;
    }
    int mountFlags = MountFlags.ofNew(args.intAt(2) & 0xffff_ffffL);
    OpenFileDescription file = Paths.file(task, args.intAt(0));
    try {
      if (!(file instanceof FileSystemContext context)) {
        return -Errno.EINVAL;
      }
      VirtualFileSystem vfs = task.kernel().vfs();
      TreeFile tree = context.mount(vfs.changes(task.mountNamespace()), mountFlags);
      return task.files().install(tree, flags != 0, 0);
    } finally {
      file.drop();
    }
  }
}
