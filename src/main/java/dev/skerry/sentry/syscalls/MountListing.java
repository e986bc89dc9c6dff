package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Capability;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.usermem.UserMemory;
import dev.skerry.sentry.vfs.DeviceNumbers;
import dev.skerry.sentry.vfs.FileSystem;
import dev.skerry.sentry.vfs.Mount;
import dev.skerry.sentry.vfs.MountNamespace;
import dev.skerry.sentry.vfs.PathNames;
import dev.skerry.sentry.vfs.VfsPath;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** statmount(2) and listmount(2), of the caller's own mount namespace. */
final class MountListing {
  private static final long SB_BASIC = 1;
  private static final long MNT_BASIC = 2;
  private static final long PROPAGATE_FROM = 4;
  private static final long MNT_ROOT = 8;
  private static final long MNT_POINT = 0x10;
  private static final long FS_TYPE = 0x20;
  private static final long MNT_NS_ID = 0x40;
  private static final long MNT_OPTS = 0x80;
  private static final long SB_SOURCE = 0x200;
  private static final long SUPPORTED_MASK = 0x1000;
  private static final long SUPPORTED =
      SB_BASIC
          | MNT_BASIC
          | PROPAGATE_FROM
          | MNT_ROOT
          | MNT_POINT
          | FS_TYPE
          | MNT_NS_ID
          | MNT_OPTS
          | SB_SOURCE
          | SUPPORTED_MASK;

  /** All that asks for a string, known or not. */
  private static final long STRINGS =
      MNT_ROOT | MNT_POINT | FS_TYPE | MNT_OPTS | SB_SOURCE | 0x6d00;

  /** LSMT_ROOT. */
  private static final long ROOT = -1;

  private static final int LISTMOUNT_REVERSE = 1;

  /** The first version of struct mnt_id_req, and all of it. */
  private static final int REQUEST_FIRST = 24;

  private static final int REQUEST = 32;
  private static final int SIZE = 512;
  private static final long FIRST_ID = 1L << 31;
  private static final int SB_RDONLY = 1;
  private static final int MOST = 1 << 20;

  private MountListing() {}

  static void register(SyscallTable table) {
    String note = "of one's own namespace; no options of security modules, no mapped ids";
    table.partial(Syscall.STATMOUNT, MountListing::statmount, note);
    table.partial(Syscall.LISTMOUNT, MountListing::listmount, "of one's own namespace");
  }

  /** A struct mnt_id_req. */
  private static StructReader request(Task task, long address) throws ErrnoException {
    int size = task.memory().readInt(address);
    StructReader in =
        ExtensibleStruct.read(task.memory(), address, size & 0xffff_ffffL, REQUEST_FIRST, REQUEST);
    if (in.intAt(4) != 0 && in.longAt(24) != 0) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    if (Long.compareUnsigned(in.longAt(8), FIRST_ID) <= 0) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    return in;
  }

  private static void checkNamespace(Task task, StructReader request) throws ErrnoException {
    long wanted = request.longAt(24);
    if (request.intAt(4) != 0) {
      throw ErrnoException.of(Errno.EBADF);
    }
    if (wanted != 0 && wanted != task.mountNamespace().number()) {
      throw ErrnoException.of(Errno.ENOENT);
    }
  }

  private static @Nullable Mount find(MountNamespace namespace, long uniqueId) {
    for (Mount mount : namespace.mounts()) {
      if (mount.uniqueId() == uniqueId) {
        return mount;
      }
    }
    return null;
  }

  /** EPERM for what lies outside the caller's root directory, without CAP_SYS_ADMIN. */
  private static void checkReachable(Task task, Mount mount) throws ErrnoException {
    boolean visible = PathNames.below(task.fs().root(), rootOf(mount)) != null;
    boolean admin =
        task.credentials().hasCapability(task.mountNamespace().owner(), Capability.SYS_ADMIN);
    if (!visible && !admin) {
      throw ErrnoException.of(Errno.EPERM);
    }
  }

  private static VfsPath rootOf(Mount mount) {
    return new VfsPath(mount, mount.root());
  }

  static long statmount(Task task, SyscallArgs args) throws ErrnoException {
    if (args.intAt(3) != 0) {
      return -Errno.EINVAL;
    }
    StructReader request = request(task, args.addressAt(0));
    long room = args.longAt(2);
    long buffer = args.addressAt(1);
    boolean outside =
        room < 0 || buffer < 0 || buffer > UserMemory.END || buffer + room > UserMemory.END;
    if (outside) {
      return -Errno.EFAULT;
    }
    checkNamespace(task, request);
    Mount mount = find(task.mountNamespace(), request.longAt(8));
    if (mount == null) {
      return -Errno.ENOENT;
    }
    checkReachable(task, mount);
    return new Answer(task, mount, request.longAt(16)).copyOut(buffer, room);
  }

  /** A struct statmount that is being filled. */
  private static final class Answer {
    private final Task task;
    private final Mount mount;
    private final StructWriter struct = new StructWriter(SIZE);
    private final StringBuilder strings = new StringBuilder();
    private long mask;

    Answer(Task task, Mount mount, long wanted) throws ErrnoException {
      this.task = task;
      this.mount = mount;
      putNumbers(wanted);
      if ((wanted & STRINGS) != 0) {
        // The empty one, which everything points to that is not told.
        strings.append('\0');
      }
      FileSystem fileSystem = mount.fileSystem();
      String point = PathNames.below(task.fs().root(), rootOf(mount));
      putString(wanted, FS_TYPE, 36, fileSystem.type());
      putString(wanted, MNT_ROOT, 104, PathNames.inFileSystem(mount.root()));
      putString(wanted, MNT_POINT, 108, point == null ? "" : point);
      String options = fileSystem.options();
      putString(wanted, MNT_OPTS, 4, options.isEmpty() ? "" : options.substring(1));
      putString(wanted, SB_SOURCE, 124, mount.source());
    }

    private void putNumbers(long wanted) throws ErrnoException {
      FileSystem fileSystem = mount.fileSystem();
      if ((wanted & SB_BASIC) != 0) {
        long device = mount.root().inode().stat().dev();
        mask |= SB_BASIC;
        struct
            .putInt(16, DeviceNumbers.major(device))
            .putInt(20, DeviceNumbers.minor(device))
            .putLong(24, fileSystem.statFs().type())
            .putInt(32, fileSystem.isReadOnly() ? SB_RDONLY : 0);
      }
      if ((wanted & MNT_BASIC) != 0) {
        VfsPath point = mount.point();
        Mount parent = point == null ? mount : point.mount();
        mask |= MNT_BASIC;
        struct
            .putLong(40, mount.uniqueId())
            .putLong(48, parent.uniqueId())
            .putInt(56, mount.id())
            .putInt(60, parent.id())
            .putLong(64, MountFlags.attributes(mount))
            .putLong(72, mount.propagationType())
            .putLong(80, mount.peerGroup())
            .putLong(88, mount.masterGroup());
      }
      if ((wanted & PROPAGATE_FROM) != 0) {
        mask |= PROPAGATE_FROM;
        struct.putLong(96, mount.masterGroup());
      }
      if ((wanted & MNT_NS_ID) != 0) {
        mask |= MNT_NS_ID;
        struct.putLong(112, task.mountNamespace().number());
      }
      if ((wanted & SUPPORTED_MASK) != 0) {
        mask |= SUPPORTED_MASK;
        struct.putLong(144, SUPPORTED);
      }
    }

    /** What is empty is not told. */
    private void putString(long wanted, long bit, int offset, String text) {
      if ((wanted & bit) != 0 && !text.isEmpty()) {
        mask |= bit;
        struct.putInt(offset, strings.length());
        strings.append(text).append('\0');
      }
    }

    long copyOut(long address, long room) {
      int plain = (int) Math.min(room, SIZE);
      int length = strings.length();
      if (length > 0 && length > room - plain) {
        return -Errno.EOVERFLOW;
      }
      struct.putInt(0, plain + length).putLong(8, mask);
      UserMemory memory = task.memory();
      byte[] text = strings.toString().getBytes(StandardCharsets.ISO_8859_1);
      long result = length == 0 ? 0 : memory.copyOut(address + SIZE, text, 0, length);
      if (result >= 0 && plain > 0) {
        result = memory.copyOut(address, struct.bytes(), 0, plain);
      }
      return Math.min(result, 0);
    }
  }

  static long listmount(Task task, SyscallArgs args) throws ErrnoException {
    int flags = args.intAt(3);
    long count = args.longAt(2);
    long target = args.addressAt(1);
    if ((flags & ~LISTMOUNT_REVERSE) != 0) {
      return -Errno.EINVAL;
    }
    if (Long.compareUnsigned(count, MOST) > 0) {
      return -Errno.EOVERFLOW;
    }
    if (target < 0 || target + count * Long.BYTES > UserMemory.END) {
      return -Errno.EFAULT;
    }
    StructReader request = request(task, args.addressAt(0));
    long last = request.longAt(16);
    if (last != 0 && Long.compareUnsigned(last, FIRST_ID) <= 0) {
      return -Errno.EINVAL;
    }
    checkNamespace(task, request);
    List<Long> ids = idsBelow(task, request.longAt(8), last, (flags & LISTMOUNT_REVERSE) != 0);
    int told = (int) Math.min(count, ids.size());
    StructWriter out = new StructWriter(told * Long.BYTES);
    for (int i = 0; i < told; i++) {
      out.putLong(i * Long.BYTES, ids.get(i));
    }
    long result = told == 0 ? 0 : out.tryCopyOut(task.memory(), target);
    return result < 0 ? result : told;
  }

  private static List<Long> idsBelow(Task task, long parentId, long last, boolean reverse)
      throws ErrnoException {
    VfsPath from = task.fs().root();
    if (parentId != ROOT) {
      Mount parent = find(task.mountNamespace(), parentId);
      if (parent == null) {
        throw ErrnoException.of(Errno.ENOENT);
      }
      checkReachable(task, parent);
      from = rootOf(parent);
    }
    List<Mount> mounts = new ArrayList<>(task.mountNamespace().mounts());
    if (reverse) {
      Collections.reverse(mounts);
    }
    List<Long> ids = new ArrayList<>();
    for (Mount mount : mounts) {
      long id = mount.uniqueId();
      boolean past = last == 0 || (reverse ? id < last : id > last);
      if (past && id != parentId && PathNames.below(from, rootOf(mount)) != null) {
        ids.add(id);
      }
    }
    return ids;
  }
}
