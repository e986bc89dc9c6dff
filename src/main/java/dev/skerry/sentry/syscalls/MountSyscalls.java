package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Capability;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.kernel.ThreadGroup;
import dev.skerry.sentry.usermem.UserMemory;
import dev.skerry.sentry.vfs.FileSystem;
import dev.skerry.sentry.vfs.Mount;
import dev.skerry.sentry.vfs.Origin;
import dev.skerry.sentry.vfs.VfsPath;
import dev.skerry.sentry.vfs.VirtualFileSystem;
import java.nio.charset.StandardCharsets;

/** mount(2), umount2(2), pivot_root(2): for those with CAP_SYS_ADMIN in the sandbox. */
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
      Mount.MS_RDONLY | Mount.MS_NOSUID | Mount.MS_NODEV | Mount.MS_NOEXEC | Mount.MS_NOATIME;
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
        "tmpfs, proc, sysfs, devtmpfs, overlay, binds and moves; every mount is private");
    table.partial(Syscall.UMOUNT2, MountSyscalls::umount2, "MNT_EXPIRE answers EAGAIN");
    table.unsupported(Syscall.PIVOT_ROOT, Errno.EINVAL, "a tree keeps its root: use chroot");
  }

  private static boolean mayMount(Task task) {
    return task.credentials().hasCapability(Capability.SYS_ADMIN);
  }

  static long mount(Task task, SyscallArgs args) throws ErrnoException {
    UserMemory memory = task.memory();
    long flagWord = args.longAt(3);
    int flags = (int) flagWord;
    if ((flags & MS_MGC_MASK) == MS_MGC_VAL) {
      flags &= ~MS_MGC_MASK;
    }
    String type = args.addressAt(2) == 0 ? "" : memory.readString(args.addressAt(2), PAGE);
    String source = args.addressAt(0) == 0 ? "" : memory.readString(args.addressAt(0), PAGE);
    String data = options(memory, args.addressAt(4));
    Origin origin = Paths.origin(task);
    VirtualFileSystem vfs = task.kernel().vfs();
    String target = Paths.read(task, args.addressAt(1));
    VfsPath point = vfs.walk(origin, null, target, VirtualFileSystem.FOLLOW);
    if (!mayMount(task)) {
      return -Errno.EPERM;
    }
    if ((flags & MS_REMOUNT) != 0) {
      vfs.remount(point, flags & KEPT);
      return 0;
    }
    if ((flags & MS_BIND) != 0) {
      VfsPath from = source(vfs, origin, source);
      if ((flags & MS_REC) != 0) {
        vfs.bindAll(from, point, from.mount().flags());
      } else {
        vfs.bind(from, point, from.mount().flags());
      }
      return 0;
    }
    if ((flags & PROPAGATION) != 0) {
      return point.dentry() == point.mount().root() ? 0 : -Errno.EINVAL;
    }
    if ((flags & MS_MOVE) != 0) {
      vfs.moveMount(source(vfs, origin, source), point);
      return 0;
    }
    if (type.isEmpty()) {
      return -Errno.EINVAL;
    }
    FileSystem made = vfs.types().make(type, data, origin);
    try {
      vfs.mount(point, made, source.isEmpty() ? "none" : source, flags & KEPT);
      return 0;
    } catch (ErrnoException e) {
      made.release();
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
    VfsPath found = vfs.walk(Paths.origin(task), null, path, follow);
    if (!mayMount(task)) {
      return -Errno.EPERM;
    }
    if (expires) {
      // The first call only marks the mount as expired, and any use takes the mark off again.
      return -Errno.EAGAIN;
    }
    vfs.unmount(found, (flags & MNT_DETACH) != 0, isUsed(task, found.mount()));
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
