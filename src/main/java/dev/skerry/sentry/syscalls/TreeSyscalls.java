package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.UserNamespace;
import dev.skerry.sentry.kernel.NamespaceFile;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.vfs.Mount;
import dev.skerry.sentry.vfs.MountAttributes;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.OpenFlags;
import dev.skerry.sentry.vfs.Restrictions;
import dev.skerry.sentry.vfs.TreeChanges;
import dev.skerry.sentry.vfs.VfsPath;
import dev.skerry.sentry.vfs.VirtualFileSystem;
import org.jspecify.annotations.Nullable;

/** Trees of mounts by descriptors: open_tree(2), move_mount(2), mount_setattr(2). */
final class TreeSyscalls {
  private static final int OPEN_TREE_CLONE = 1;
  private static final int AT_RECURSIVE = 0x8000;
  private static final int WALK_FLAGS =
      Paths.AT_EMPTY_PATH | Paths.AT_NO_AUTOMOUNT | Paths.AT_SYMLINK_NOFOLLOW;

  private static final int F_SYMLINKS = 1;
  private static final int F_EMPTY_PATH = 4;
  private static final int T_SYMLINKS = 0x10;
  private static final int T_EMPTY_PATH = 0x40;
  private static final int SET_GROUP = 0x100;
  private static final int BENEATH = 0x200;
  private static final int MOVE_KNOWN = 0x377;

  /** The first version of struct mount_attr, and all of it that there is. */
  private static final int ATTR_SIZE = 32;

  /** MS_UNBINDABLE, MS_PRIVATE, MS_SLAVE, MS_SHARED. */
  private static final long PROPAGATION = 0x1e_0000;

  private static final int PAGE = 4096;

  private TreeSyscalls() {}

  static void register(SyscallTable table) {
    table.supported(Syscall.OPEN_TREE, TreeSyscalls::open_tree);
    table.supported(Syscall.MOVE_MOUNT, TreeSyscalls::move_mount);
    String note = "ids are never mapped";
    table.partial(Syscall.MOUNT_SETATTR, TreeSyscalls::mount_setattr, note);
    table.partial(Syscall.OPEN_TREE_ATTR, TreeSyscalls::open_tree_attr, note);
  }

  static long open_tree(Task task, SyscallArgs args) throws ErrnoException {
    OpenFileDescription file = open(task, args);
    return task.files().install(file, (args.intAt(2) & OpenFlags.O_CLOEXEC) != 0, 0);
  }

  private static OpenFileDescription open(Task task, SyscallArgs args) throws ErrnoException {
    int flags = args.intAt(2);
    boolean copies = (flags & OPEN_TREE_CLONE) != 0;
    boolean recursive = (flags & AT_RECURSIVE) != 0;
    int known = WALK_FLAGS | AT_RECURSIVE | OPEN_TREE_CLONE | OpenFlags.O_CLOEXEC;
    if ((flags & ~known) != 0 || (recursive && !copies)) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    if (copies && !MountSyscalls.mayMount(task)) {
      throw ErrnoException.of(Errno.EPERM);
    }
    VfsPath path = find(task, args.intAt(0), args.addressAt(1), flags & WALK_FLAGS);
    VirtualFileSystem vfs = task.kernel().vfs();
    return copies
        ? vfs.changes(task.mountNamespace()).openCopy(path, recursive)
        : vfs.openPlace(Paths.origin(task), path);
  }

  private static VfsPath find(Task task, int dirFd, long address, int flags) throws ErrnoException {
    return Paths.walk(task, dirFd, Paths.read(task, address, flags), flags);
  }

  static long open_tree_attr(Task task, SyscallArgs args) throws ErrnoException {
    int flags = args.intAt(2);
    if (args.addressAt(3) == 0 && args.longAt(4) != 0) {
      return -Errno.EINVAL;
    }
    OpenFileDescription file = open(task, args);
    try {
      VfsPath path = file.path();
      if (args.addressAt(3) != 0 && path != null) {
        change(task, path, (flags & AT_RECURSIVE) != 0, args.addressAt(3), args.longAt(4));
      }
    } catch (ErrnoException e) {
      file.drop();
      throw e;
    }
    return task.files().install(file, (flags & OpenFlags.O_CLOEXEC) != 0, 0);
  }

  static long move_mount(Task task, SyscallArgs args) throws ErrnoException {
    if (!MountSyscalls.mayMount(task)) {
      return -Errno.EPERM;
    }
    int flags = args.intAt(4);
    boolean both = (flags & (SET_GROUP | BENEATH)) == (SET_GROUP | BENEATH);
    if ((flags & ~MOVE_KNOWN) != 0 || both) {
      return -Errno.EINVAL;
    }
    int toFlags = walkFlags((flags & T_SYMLINKS) != 0, (flags & T_EMPTY_PATH) != 0);
    VfsPath to = find(task, args.intAt(2), args.addressAt(3), toFlags);
    int fromFlags = walkFlags((flags & F_SYMLINKS) != 0, (flags & F_EMPTY_PATH) != 0);
    VfsPath from = find(task, args.intAt(0), args.addressAt(1), fromFlags);
    Restrictions.checkMounting(task.credentials());
    TreeChanges tree = task.kernel().vfs().changes(task.mountNamespace());
    if ((flags & SET_GROUP) != 0) {
      tree.setGroup(from, to);
    } else if ((flags & BENEATH) != 0) {
      if (to.mount() == task.fs().root().mount()) {
        return -Errno.EINVAL;
      }
      tree.moveBeneath(from, to);
    } else {
      tree.move(from, to);
    }
    return 0;
  }

  private static int walkFlags(boolean follow, boolean mayBeEmpty) {
    return (follow ? 0 : Paths.AT_SYMLINK_NOFOLLOW) | (mayBeEmpty ? Paths.AT_EMPTY_PATH : 0);
  }

  static long mount_setattr(Task task, SyscallArgs args) throws ErrnoException {
    int flags = args.intAt(2);
    if ((flags & ~(WALK_FLAGS | AT_RECURSIVE)) != 0) {
      return -Errno.EINVAL;
    }
    MountAttributes change = attributes(task, args.addressAt(3), args.longAt(4));
    if (change == null) {
      return 0;
    }
    VfsPath path = find(task, args.intAt(0), args.addressAt(1), flags & WALK_FLAGS);
    TreeChanges tree = task.kernel().vfs().changes(task.mountNamespace());
    tree.setAttributes(path, change, (flags & AT_RECURSIVE) != 0);
    return 0;
  }

  private static void change(Task task, VfsPath path, boolean recursive, long address, long size)
      throws ErrnoException {
    MountAttributes change = attributes(task, address, size);
    if (change != null) {
      TreeChanges tree = task.kernel().vfs().changes(task.mountNamespace());
      tree.setAttributes(path, change, recursive);
    }
  }

  /** A struct mount_attr; null if it changes nothing. */
  private static @Nullable MountAttributes attributes(Task task, long address, long size)
      throws ErrnoException {
    boolean wrongSize = Long.compareUnsigned(size, ATTR_SIZE) < 0;
    if (!wrongSize && size <= PAGE && size > 0 && !MountSyscalls.mayMount(task)) {
      throw ErrnoException.of(Errno.EPERM);
    }
    StructReader in = ExtensibleStruct.read(task.memory(), address, size, ATTR_SIZE, ATTR_SIZE);
    long set = in.longAt(0);
    long clear = in.longAt(8);
    long propagation = in.longAt(16);
    if (set == 0 && clear == 0 && propagation == 0) {
      return null;
    }
    if ((propagation & ~PROPAGATION) != 0 || Long.bitCount(propagation) > 1) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    MountFlags.check(set | clear, MountFlags.IDMAP);
    int cleared = MountFlags.of(clear);
    int added = MountFlags.of(set);
    if ((clear & MountFlags.ATIME) != 0) {
      if ((clear & MountFlags.ATIME) != MountFlags.ATIME) {
        throw ErrnoException.of(Errno.EINVAL);
      }
      cleared |= Mount.MS_NOATIME | Mount.MS_STRICTATIME;
      added |= MountFlags.accessTimes(set);
    } else if ((set & MountFlags.ATIME) != 0) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    if (((set | clear) & MountFlags.IDMAP) != 0) {
      checkMapping(task, clear, in.longAt(24));
    }
    return new MountAttributes(added, cleared, (int) propagation);
  }

  /** No file system here can show other owners than it has, as many of Linux's cannot. */
  private static void checkMapping(Task task, long clear, long fd) throws ErrnoException {
    if ((clear & MountFlags.IDMAP) != 0 || Long.compareUnsigned(fd, Integer.MAX_VALUE) > 0) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    OpenFileDescription file = Paths.anyFile(task, (int) fd);
    try {
      boolean initial =
          file instanceof NamespaceFile one && one.namespace() == UserNamespace.INITIAL;
      throw ErrnoException.of(initial ? Errno.EPERM : Errno.EINVAL);
    } finally {
      file.drop();
    }
  }
}
