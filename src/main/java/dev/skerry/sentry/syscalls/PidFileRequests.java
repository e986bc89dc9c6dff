package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.auth.Namespace;
import dev.skerry.sentry.auth.NamespaceKind;
import dev.skerry.sentry.auth.UserNamespace;
import dev.skerry.sentry.kernel.NamespaceFile;
import dev.skerry.sentry.kernel.PidFile;
import dev.skerry.sentry.kernel.SignalControl;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.vfs.OpenFlags;
import java.util.Arrays;

/** What ioctl(2) asks of a pidfd. Linux: pidfd_ioctl() of fs/pidfs.c. */
final class PidFileRequests {
  private static final int FS_IOC_GETVERSION = 0x8008_7601;

  // The parts of a request's number (asm-generic/ioctl.h).
  private static final int SIZE_SHIFT = 16;
  private static final int SIZE_MASK = 0x3fff;
  private static final int WITHOUT_SIZE = 0xc000_ffff;

  /** PIDFD_GET_INFO without the size of its struct, which grows. */
  private static final int GET_INFO = 0xc000_ff0b;

  /** PIDFD_GET_CGROUP_NAMESPACE is the first of the requests for namespaces. */
  private static final int GET_NAMESPACE = 0xff00;

  private static final NamespaceKind[] KINDS = {
    NamespaceKind.CGROUP,
    NamespaceKind.IPC,
    NamespaceKind.MNT,
    NamespaceKind.NET,
    NamespaceKind.PID,
    NamespaceKind.PID,
    NamespaceKind.TIME,
    NamespaceKind.TIME,
    NamespaceKind.USER,
    NamespaceKind.UTS,
  };

  /** PIDFD_GET_PID_NAMESPACE: the one that the task is in, and not its children's. */
  private static final int OWN_PID = 5;

  private static final int FIRST_SIZE = 64;
  private static final int KNOWN_SIZE = 72;
  private static final int INFO_PID = 1;
  private static final int INFO_CREDS = 2;
  private static final int INFO_CGROUPID = 4;
  private static final int INFO_EXIT = 8;
  private static final int INFO_COREDUMP = 16;

  /** The one control group's number, that of its directory. */
  private static final long CGROUP = 1;

  private static final int COREDUMP_SKIP = 2;
  private static final int COREDUMP_USER = 4;

  private PidFileRequests() {}

  static long ioctl(Task task, PidFile file, int request, long argument) throws ErrnoException {
    if (request == FS_IOC_GETVERSION) {
      return argument == 0 ? -Errno.EINVAL : task.memory().storeInt(argument, 0);
    }
    if ((request & WITHOUT_SIZE) == GET_INFO) {
      int size = request >>> SIZE_SHIFT & SIZE_MASK;
      return size < FIRST_SIZE ? -Errno.ENOTTY : information(task, file, argument, size);
    }
    int which = request - GET_NAMESPACE;
    if (which < 1 || which > KINDS.length) {
      return -Errno.ENOTTY;
    }
    Task target = file.task();
    if (target == null) {
      return -Errno.ESRCH;
    }
    return argument == 0 ? namespace(task, target, which) : -Errno.EINVAL;
  }

  private static long namespace(Task task, Task target, int which) {
    if (target.isDead()) {
      return -Errno.ESRCH;
    }
    if (!SignalControl.mayInspect(task, target)) {
      return -Errno.EACCES;
    }
    NamespaceKind kind = KINDS[which - 1];
    Namespace found =
        kind == NamespaceKind.USER
            ? target.credentials().userNamespace()
            : which == OWN_PID ? target.pidNamespace() : target.namespaces().get(kind);
    return found.tryAcquire()
        ? task.files().install(new NamespaceFile(found, OpenFlags.O_RDONLY), true, 0)
        : -Errno.ESRCH;
  }

  /** PIDFD_GET_INFO. */
  private static long information(Task task, PidFile file, long address, int size)
      throws ErrnoException {
    if (address == 0) {
      return -Errno.EINVAL;
    }
    long wanted = task.memory().readLong(address);
    if (!file.group().pidNamespace().isIn(task.pidNamespace())) {
      return -Errno.EREMOTE;
    }
    Task target = file.task();
    StructWriter out = new StructWriter(KNOWN_SIZE);
    long told = wanted & INFO_COREDUMP;
    if (target == null) {
      if ((wanted & INFO_EXIT) == 0) {
        return -Errno.ESRCH;
      }
      told |= INFO_EXIT;
      out.putInt(60, file.exitCode());
    } else {
      told |= INFO_PID | INFO_CREDS;
      putIdentity(out, task, target);
      if ((told & INFO_COREDUMP) != 0 && !target.isDead()) {
        out.putInt(64, target.isDumpable() ? COREDUMP_USER : COREDUMP_SKIP);
      }
    }
    out.putLong(0, told | INFO_CGROUPID).putLong(8, CGROUP);
    task.memory().writeBytes(address, Arrays.copyOf(out.bytes(), size));
    return 0;
  }

  private static void putIdentity(StructWriter out, Task task, Task target) {
    UserNamespace ids = task.credentials().userNamespace();
    Credentials who = target.credentials();
    out.putInt(16, task.pidNamespace().number(target))
        .putInt(20, task.pidNamespace().number(target.group()))
        .putInt(24, task.pidNamespace().number(target.group().parent()))
        .putInt(28, ids.shownUid(who.uid()))
        .putInt(32, ids.shownGid(who.gid()))
        .putInt(36, ids.shownUid(who.euid()))
        .putInt(40, ids.shownGid(who.egid()))
        .putInt(44, ids.shownUid(who.suid()))
        .putInt(48, ids.shownGid(who.sgid()))
        .putInt(52, ids.shownUid(who.fsuid()))
        .putInt(56, ids.shownGid(who.fsgid()));
  }
}
