package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Capability;
import dev.skerry.sentry.auth.UserNamespace;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.kernel.ThreadGroup;
import dev.skerry.sentry.usermem.UserMemory;
import dev.skerry.sentry.vfs.FileSystem;
import dev.skerry.sentry.vfs.Mount;
import dev.skerry.sentry.vfs.Origin;
import dev.skerry.sentry.vfs.Restrictions;
import dev.skerry.sentry.vfs.TreeChanges;
import dev.skerry.sentry.vfs.VfsPath;
import dev.skerry.sentry.vfs.VirtualFileSystem;
import java.nio.charset.StandardCharsets;

/** mount(2), umount2(2), pivot_root(2): for those with CAP_SYS_ADMIN over their tree of mounts. */
final class MountSyscalls {
  private static final int MS_REMOUNT = 0x20;
  private static final int MS_BIND = 0x1000;
  private static final int MS_MOVE = 0x2000;
  private static final int MS_REC = 0x4000;

  /** MS_UNBINDABLE, MS_PRIVATE, MS_SLAVE, MS_SHARED. */
  private static final int PROPAGATION = 0x1e_0000;

  private static final int MS_MGC_VAL = 0xc0ed_0000;
  private static final int MS_MGC_MASK = 0xffff_0000;
  private static final int KEPT =
      Mount.MS_RDONLY
          | Mount.MS_NOSUID
          | Mount.MS_NODEV
          | Mount.MS_NOEXEC
          | Mount.MS_NOSYMFOLLOW
          | Mount.ACCESS_TIMES;
  private static final int MS_SILENT = 0x8000;

  /**
   * MS_NOATIME, MS_NODIRATIME, MS_RELATIME, MS_STRICTATIME: without them a remount keeps the rule.
   */
  private static final int ATIME_FLAGS = Mount.ACCESS_TIMES | 0x20_0000;

  private static final int MNT_FORCE = 1;
  private static final int MNT_DETACH = 2;
  private static final int MNT_EXPIRE = 4;
  private static final int UMOUNT_NOFOLLOW = 8;
  private static final int PAGE = 4096;

  private MountSyscalls() {}

  static void register(SyscallTable table) {
    table.partial(
        Syscall.MOUNT,
        MountSyscalls::mount,
        "tmpfs, proc, sysfs, devtmpfs, overlay (changes come into the upper directory when it is"
            + " unmounted); devpts below a user namespace");
    table.supported(Syscall.UMOUNT2, MountSyscalls::umount2);
    table.supported(Syscall.PIVOT_ROOT, MountSyscalls::pivot_root);
    MountConfiguration.register(table);
    TreeSyscalls.register(table);
    MountListing.register(table);
  }

  static boolean mayMount(Task task) {
    return task.credentials().hasCapability(task.mountNamespace().owner(), Capability.SYS_ADMIN);
  }

  static long mount(Task task, SyscallArgs args) throws ErrnoException {
    UserMemory memory = task.memory();
    int flags = (int) args.longAt(3);
    if ((flags & MS_MGC_MASK) == MS_MGC_VAL) {
      flags &= ~MS_MGC_MASK;
    }
    if ((flags & Mount.MS_STRICTATIME) != 0) {
      flags &= ~Mount.MS_NOATIME;
    }
    String type = args.addressAt(2) == 0 ? "" : memory.readString(args.addressAt(2), PAGE);
    String source = args.addressAt(0) == 0 ? "" : memory.readString(args.addressAt(0), PAGE);
    String data = options(memory, args.addressAt(4));
    Origin origin = Paths.origin(task);
    VirtualFileSystem vfs = task.kernel().vfs();
    String target = Paths.read(task, args.addressAt(1));
    VfsPath point = vfs.walk(origin, null, target, VirtualFileSystem.FOLLOW);
    Restrictions.checkMounting(task.credentials());
    if (!mayMount(task)) {
      return -Errno.EPERM;
    }
    TreeChanges tree = vfs.changes(task.mountNamespace());
    boolean recursive = (flags & MS_REC) != 0;
    if ((flags & MS_REMOUNT) != 0) {
      remount(task, tree, point, flags);
    } else if ((flags & MS_BIND) != 0) {
      tree.bind(source(vfs, origin, source), point, recursive);
    } else if ((flags & PROPAGATION) != 0) {
      int kind = flags & ~(MS_REC | MS_SILENT);
      if ((kind & ~PROPAGATION) != 0 || Integer.bitCount(kind) != 1) {
        return -Errno.EINVAL;
      }
      tree.changePropagation(point, kind, recursive);
    } else if ((flags & MS_MOVE) != 0) {
      tree.move(source(vfs, origin, source), point);
    } else {
      mountNew(vfs, tree, origin, point, new NewMount(type, source, data, flags & KEPT));
    }
    return 0;
  }

  private static void remount(Task task, TreeChanges tree, VfsPath point, int flags)
      throws ErrnoException {
    Mount mount = point.mount();
    UserNamespace owner = mount.fileSystem().userNamespace();
    boolean whole = (flags & MS_BIND) == 0;
    if (whole && !task.credentials().hasCapability(owner, Capability.SYS_ADMIN)) {
      throw ErrnoException.of(Errno.EPERM);
    }
    int kept = flags & KEPT;
    if ((flags & ATIME_FLAGS) == 0) {
      kept |= mount.flags() & Mount.ACCESS_TIMES;
    }
    int before = mount.flags();
    tree.remount(point, kept);
    if (whole) {
      try {
        mount.fileSystem().setReadOnly((flags & Mount.MS_RDONLY) != 0);
      } catch (ErrnoException e) {
        tree.remount(point, before);
        throw e;
      }
    }
  }

  /** What is to be mounted. */
  private record NewMount(String type, String source, String data, int flags) {}

  private static void mountNew(
      VirtualFileSystem vfs, TreeChanges tree, Origin origin, VfsPath point, NewMount wanted)
      throws ErrnoException {
    if (wanted.type.isEmpty()) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    FileSystem made = vfs.types().make(wanted.type, wanted.data, origin);
    boolean reveals = wanted.type.equals("proc") || wanted.type.equals("sysfs");
    String source = wanted.source.isEmpty() ? "none" : wanted.source;
    try {
      made.setReadOnly((wanted.flags & Mount.MS_RDONLY) != 0);
      tree.mount(point, made, source, wanted.flags, reveals);
    } catch (ErrnoException e) {
      made.discard();
      throw e;
    }
  }

  private static VfsPath source(VirtualFileSystem vfs, Origin origin, String path)
      throws ErrnoException {
    if (path.isEmpty()) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    return vfs.walk(origin, null, path, VirtualFileSystem.FOLLOW);
  }

  /** The options, of which Linux copies a page, or as much of it as there is. */
  private static String options(UserMemory memory, long address) throws ErrnoException {
    if (address == 0) {
      return "";
    }
    byte[] page = new byte[PAGE];
    int length = memory.copyInPartly(address, page, 0, PAGE - 1);
    if (length == 0) {
      throw ErrnoException.of(Errno.EFAULT);
    }
    int end = 0;
    while (end < length && page[end] != 0) {
      end++;
    }
    return new String(page, 0, end, StandardCharsets.ISO_8859_1);
  }

  static long umount2(Task task, SyscallArgs args) throws ErrnoException {
    int flags = args.intAt(1);
    if ((flags & ~(MNT_FORCE | MNT_DETACH | MNT_EXPIRE | UMOUNT_NOFOLLOW)) != 0) {
      return -Errno.EINVAL;
    }
    boolean expires = (flags & MNT_EXPIRE) != 0;
    if (expires && (flags & (MNT_FORCE | MNT_DETACH)) != 0) {
      return -Errno.EINVAL;
    }
    VirtualFileSystem vfs = task.kernel().vfs();
    int follow = (flags & UMOUNT_NOFOLLOW) != 0 ? 0 : VirtualFileSystem.FOLLOW;
    String path = Paths.read(task, args.addressAt(0));
    VfsPath found = vfs.topOf(vfs.walk(Paths.origin(task), null, path, follow));
    if (!mayMount(task)) {
      return -Errno.EPERM;
    }
    if (found.dentry() == found.mount().root()) {
      Restrictions.checkMounting(task.credentials());
    }
    TreeChanges tree = vfs.changes(task.mountNamespace());
    boolean used = isUsed(task, found.mount());
    if (expires && !tree.expire(found, used)) {
      return -Errno.EAGAIN;
    }
    tree.unmount(found, (flags & MNT_DETACH) != 0, used);
    return 0;
  }

  static long pivot_root(Task task, SyscallArgs args) throws ErrnoException {
    if (!mayMount(task)) {
      return -Errno.EPERM;
    }
    VirtualFileSystem vfs = task.kernel().vfs();
    Origin origin = Paths.origin(task);
    int flags = VirtualFileSystem.FOLLOW | VirtualFileSystem.DIRECTORY;
    VfsPath fresh = vfs.walk(origin, null, Paths.read(task, args.addressAt(0)), flags);
    VfsPath old = vfs.walk(origin, null, Paths.read(task, args.addressAt(1)), flags);
    Restrictions.checkMounting(task.credentials());
    vfs.changes(task.mountNamespace()).pivot(origin.root(), fresh, old);
    for (ThreadGroup group : task.kernel().tasks().groups()) {
      for (Task each : group.threads()) {
        each.fs().rootMoved(origin.root(), fresh);
      }
    }
    return 0;
  }

  private static boolean isUsed(Task task, Mount mount) {
    for (ThreadGroup group : task.kernel().tasks().groups()) {
      for (Task each : group.threads()) {
        if (each.fs().root().mount() == mount || each.fs().cwd().mount() == mount) {
          return true;
        }
      }
    }
    return false;
  }
}
