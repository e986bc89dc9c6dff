package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Capability;
import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.vfs.Access;
import dev.skerry.sentry.vfs.AttributeRules;
import dev.skerry.sentry.vfs.FileEvents;
import dev.skerry.sentry.vfs.FileFlags;
import dev.skerry.sentry.vfs.Inode;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.VfsPath;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Extended attributes (xattr(7)). */
final class XattrSyscalls {
  private static final int MOST_NAME_BYTES = 255;
  private static final int MOST_VALUE_BYTES = 65_536;
  private static final int XATTR_FLAGS = 3;
  private static final int NOFOLLOW = Paths.AT_SYMLINK_NOFOLLOW;

  /** The name spaces, each a name with nothing behind it. */
  private static final List<String> PREFIXES = List.of("security.", "trusted.", "user.");

  private XattrSyscalls() {}

  static void register(SyscallTable table) {
    table.supported(Syscall.GETXATTR, (task, args) -> get(task, named(task, args, 0), args));
    table.supported(
        Syscall.LGETXATTR, (task, args) -> get(task, named(task, args, NOFOLLOW), args));
    table.supported(Syscall.FGETXATTR, (task, args) -> get(task, open(task, args), args));
    table.supported(Syscall.SETXATTR, (task, args) -> set(task, named(task, args, 0), args));
    table.supported(
        Syscall.LSETXATTR, (task, args) -> set(task, named(task, args, NOFOLLOW), args));
    table.supported(Syscall.FSETXATTR, (task, args) -> set(task, open(task, args), args));
    table.supported(Syscall.LISTXATTR, (task, args) -> list(task, named(task, args, 0), args));
    table.supported(
        Syscall.LLISTXATTR, (task, args) -> list(task, named(task, args, NOFOLLOW), args));
    table.supported(Syscall.FLISTXATTR, (task, args) -> list(task, open(task, args), args));
    table.supported(Syscall.REMOVEXATTR, (task, args) -> remove(task, named(task, args, 0), args));
    table.supported(
        Syscall.LREMOVEXATTR, (task, args) -> remove(task, named(task, args, NOFOLLOW), args));
    table.supported(Syscall.FREMOVEXATTR, (task, args) -> remove(task, open(task, args), args));
    XattrAtSyscalls.register(table);
  }

  /** Finds the file, after the call's other arguments were looked at. */
  interface Place {
    VfsPath find() throws ErrnoException;
  }

  /** The value of an attribute in the guest's memory. */
  record Value(long address, long size) {}

  private static Place named(Task task, SyscallArgs args, int flags) {
    return () -> Paths.walk(task, Paths.AT_FDCWD, Paths.read(task, args.addressAt(0)), flags);
  }

  private static Place open(Task task, SyscallArgs args) {
    return () -> ofFile(task, args.intAt(0));
  }

  static VfsPath ofFile(Task task, int fd) throws ErrnoException {
    OpenFileDescription file = Paths.file(task, fd);
    try {
      return task.kernel().vfs().placeOf(file);
    } finally {
      file.drop();
    }
  }

  private static String name(Task task, long address) throws ErrnoException {
    String name;
    try {
      name = task.memory().readString(address, MOST_NAME_BYTES + 1);
    } catch (ErrnoException e) {
      throw e.errno() == Errno.ENAMETOOLONG ? ErrnoException.of(Errno.ERANGE) : e;
    }
    if (name.isEmpty()) {
      throw ErrnoException.of(Errno.ERANGE);
    }
    return name;
  }

  /** The rules by name space (xattr_permission() of fs/xattr.c). */
  private static void check(Credentials who, Inode inode, String name, boolean write)
      throws ErrnoException {
    if (write) {
      FileFlags.checkMayChange(inode);
    }
    checkPermission(who, inode, name, write);
    if (PREFIXES.contains(name)) {
      throw ErrnoException.of(Errno.EINVAL);
    }
  }

  private static void checkPermission(Credentials who, Inode inode, String name, boolean write)
      throws ErrnoException {
    if (name.startsWith("security.") || name.startsWith("system.")) {
      if (write && !who.hasCapability(Capability.SYS_ADMIN)) {
        throw ErrnoException.of(Errno.EPERM);
      }
      return;
    }
    if (name.startsWith("trusted.")) {
      if (!who.hasCapability(Capability.SYS_ADMIN)) {
        throw ErrnoException.of(write ? Errno.EPERM : Errno.ENODATA);
      }
      return;
    }
    if (!name.startsWith("user.")) {
      throw ErrnoException.of(Errno.EOPNOTSUPP);
    }
    if (!inode.isRegular() && !inode.isDirectory()) {
      throw ErrnoException.of(write ? Errno.EPERM : Errno.ENODATA);
    }
    Access.check(who, inode, write ? Access.WRITE : Access.READ);
  }

  private static Value value(SyscallArgs args) {
    return new Value(args.addressAt(2), args.longAt(3));
  }

  private static long get(Task task, Place place, SyscallArgs args) throws ErrnoException {
    return get(task, place, args.addressAt(1), value(args));
  }

  static long get(Task task, Place place, long nameAddress, Value target) throws ErrnoException {
    String name = name(task, nameAddress);
    VfsPath path = place.find();
    check(task.credentials(), path.inode(), name, false);
    return copyOut(task, path.inode().getXattr(name), target);
  }

  private static long copyOut(Task task, byte[] value, Value target) {
    if (target.size == 0) {
      return value.length;
    }
    if (Long.compareUnsigned(target.size, value.length) < 0) {
      return -Errno.ERANGE;
    }
    return task.memory().copyOut(target.address, value, 0, value.length);
  }

  private static long set(Task task, Place place, SyscallArgs args) throws ErrnoException {
    return set(task, place, args.addressAt(1), value(args), args.intAt(4));
  }

  static long set(Task task, Place place, long nameAddress, Value source, int flags)
      throws ErrnoException {
    if ((flags & ~XATTR_FLAGS) != 0) {
      return -Errno.EINVAL;
    }
    String name = name(task, nameAddress);
    if (source.size < 0 || source.size > MOST_VALUE_BYTES) {
      return -Errno.E2BIG;
    }
    byte[] value = task.memory().readBytes(source.address, (int) source.size);
    VfsPath path = place.find();
    AttributeRules.checkWritable(path);
    check(task.credentials(), path.inode(), name, true);
    path.inode().setXattr(name, value, flags);
    FileEvents.changed(path, FileEvents.ATTRIB);
    return 0;
  }

  private static long remove(Task task, Place place, SyscallArgs args) throws ErrnoException {
    return remove(task, place, args.addressAt(1));
  }

  static long remove(Task task, Place place, long nameAddress) throws ErrnoException {
    String name = name(task, nameAddress);
    VfsPath path = place.find();
    AttributeRules.checkWritable(path);
    check(task.credentials(), path.inode(), name, true);
    path.inode().removeXattr(name);
    FileEvents.changed(path, FileEvents.ATTRIB);
    return 0;
  }

  private static long list(Task task, Place place, SyscallArgs args) throws ErrnoException {
    return list(task, place, new Value(args.addressAt(1), args.longAt(2)));
  }

  static long list(Task task, Place place, Value target) throws ErrnoException {
    List<String> names = place.find().inode().listXattr();
    boolean admin = task.credentials().hasCapability(Capability.SYS_ADMIN);
    StringBuilder all = new StringBuilder();
    for (String name : names) {
      if (admin || !name.startsWith("trusted.")) {
        all.append(name).append('\0');
      }
    }
    byte[] bytes = all.toString().getBytes(StandardCharsets.ISO_8859_1);
    return copyOut(task, bytes, target);
  }
}
