package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Capability;
import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.auth.Namespace;
import dev.skerry.sentry.auth.NamespaceKind;
import dev.skerry.sentry.auth.UserNamespace;
import dev.skerry.sentry.kernel.Cloning;
import dev.skerry.sentry.kernel.FdTable;
import dev.skerry.sentry.kernel.FsContext;
import dev.skerry.sentry.kernel.NamespaceFile;
import dev.skerry.sentry.kernel.NsProxy;
import dev.skerry.sentry.kernel.PidFile;
import dev.skerry.sentry.kernel.PidNamespace;
import dev.skerry.sentry.kernel.SignalControl;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.kernel.Unsharing;
import dev.skerry.sentry.slab.Slab;
import dev.skerry.sentry.vfs.MountNamespace;
import dev.skerry.sentry.vfs.OpenFileDescription;
import org.jspecify.annotations.Nullable;

/** Moving into other namespaces: unshare(2), setns(2). Linux: kernel/fork.c, kernel/nsproxy.c. */
final class NamespaceSyscalls {
  private static final long CLONE_NEWTIME = 0x80;

  private static final long UNSHARE_KNOWN =
      Cloning.NAMESPACES
          | Cloning.CLONE_THREAD
          | Cloning.CLONE_FS
          | Cloning.CLONE_FILES
          | Cloning.CLONE_SIGHAND
          | Cloning.CLONE_VM
          | Cloning.CLONE_SYSVSEM
          | CLONE_NEWTIME;

  /**
   * The order in which setns(2) enters several: the user namespace's capabilities count for all.
   */
  private static final NamespaceKind[] ORDER = {
    NamespaceKind.USER,
    NamespaceKind.MNT,
    NamespaceKind.UTS,
    NamespaceKind.IPC,
    NamespaceKind.PID,
    NamespaceKind.CGROUP,
    NamespaceKind.NET,
    NamespaceKind.TIME
  };

  private NamespaceSyscalls() {}

  static void register(SyscallTable table) {
    table.supported(Syscall.UNSHARE, NamespaceSyscalls::unshare);
    table.supported(Syscall.SETNS, NamespaceSyscalls::setns);
  }

  static long unshare(Task task, SyscallArgs args) throws ErrnoException {
    long flags = args.longAt(0);
    if ((flags & ~UNSHARE_KNOWN) != 0) {
      return -Errno.EINVAL;
    }
    flags |= (flags & Cloning.CLONE_NEWUSER) != 0 ? Cloning.CLONE_THREAD | Cloning.CLONE_FS : 0;
    flags |= (flags & Cloning.CLONE_NEWNS) != 0 ? Cloning.CLONE_FS : 0;
    boolean alone = task.group().threads().size() == 1;
    long threadLike = Cloning.CLONE_THREAD | Cloning.CLONE_SIGHAND | Cloning.CLONE_VM;
    if ((flags & threadLike) != 0 && !alone) {
      return -Errno.EINVAL;
    }
    if (Slab.isFull()) {
      return -Errno.ENOMEM;
    }
    if ((flags & Cloning.CLONE_FILES) != 0 && task.files().isShared()) {
      task.files().checkCopy();
    }
    FsContext present = task.fs();
    boolean forks = (flags & Cloning.CLONE_FS) != 0 && present.isShared();
    FsContext fs = forks ? present.fork() : present;
    if ((flags & (Cloning.NAMESPACES | CLONE_NEWTIME)) != 0) {
      unshareNamespaces(task, flags, fs);
    }
    if (forks) {
      task.setFs(fs);
      present.leave();
    }
    if ((flags & Cloning.CLONE_FILES) != 0 && task.files().isShared()) {
      FdTable shared = task.files();
      task.setFiles(shared.fork());
      shared.leave();
    }
    return 0;
  }

  private static void unshareNamespaces(Task task, long flags, FsContext fs) throws ErrnoException {
    Credentials credentials = Unsharing.credentials(task, flags);
    NsProxy namespaces;
    try {
      namespaces = Unsharing.namespaces(task, flags, credentials, fs);
    } catch (ErrnoException e) {
      credentials.userNamespace().release();
      throw e;
    }
    leaveSemaphores(task, namespaces);
    task.setNamespaces(namespaces);
    if ((flags & Cloning.CLONE_NEWUSER) != 0) {
      task.setCredentials(credentials);
    } else {
      credentials.userNamespace().release();
    }
  }

  private static void leaveSemaphores(Task task, NsProxy changed) {
    if (changed.get(NamespaceKind.IPC) != task.namespaces().get(NamespaceKind.IPC)) {
      SemSyscalls.undo(task.kernel(), task.group());
    }
  }

  static long setns(Task task, SyscallArgs args) throws ErrnoException {
    int flags = args.intAt(1);
    OpenFileDescription file = task.files().acquire(args.intAt(0));
    if (file == null) {
      return -Errno.EBADF;
    }
    try {
      if (file instanceof NamespaceFile one) {
        return enterOne(task, one.namespace(), flags);
      }
      return file instanceof PidFile process ? enterThose(task, process, flags) : -Errno.EINVAL;
    } finally {
      file.drop();
    }
  }

  private static long enterOne(Task task, Namespace namespace, int flags) throws ErrnoException {
    if (flags != 0 && flags != namespace.kind().flag()) {
      return -Errno.EINVAL;
    }
    Entering entering = new Entering(task);
    entering.add(namespace);
    return entering.commit();
  }

  /** Several of a process's at a time. */
  private static long enterThose(Task task, PidFile process, int flags) throws ErrnoException {
    long all = Cloning.NAMESPACES | CLONE_NEWTIME;
    if (flags == 0 || (flags & ~all) != 0) {
      return -Errno.EINVAL;
    }
    Task other = process.group().anyThread();
    if (other == null) {
      return -Errno.ESRCH;
    }
    if (!SignalControl.mayInspect(task, other)) {
      return -Errno.EPERM;
    }
    Entering entering = new Entering(task);
    for (NamespaceKind kind : ORDER) {
      if ((flags & kind.flag()) != 0) {
        entering.add(
            kind == NamespaceKind.USER
                ? other.credentials().userNamespace()
                : ofProcess(other, kind));
      }
    }
    return entering.commit();
  }

  private static Namespace ofProcess(Task other, NamespaceKind kind) {
    return switch (kind) {
      case PID -> other.pidNamespace();
      case TIME -> other.namespaces().time();
      default -> other.namespaces().get(kind);
    };
  }

  /** Namespaces that are checked one by one, and entered together. Linux: struct nsset. */
  private static final class Entering {
    private final Task task;
    private final @Nullable Namespace[] chosen = new Namespace[NamespaceKind.values().length];
    private Credentials credentials;

    Entering(Task task) {
      this.task = task;
      this.credentials = task.credentials();
    }

    void add(Namespace namespace) throws ErrnoException {
      if (namespace instanceof UserNamespace user) {
        addUser(user);
        return;
      }
      boolean allowed =
          credentials.hasCapability(namespace.owner(), Capability.SYS_ADMIN)
              && credentials.hasOwnCapability(Capability.SYS_ADMIN);
      if (!allowed) {
        throw ErrnoException.of(Errno.EPERM);
      }
      if (namespace.kind() == NamespaceKind.MNT) {
        checkTree();
      }
      if (namespace.kind() == NamespaceKind.TIME && task.group().threads().size() > 1) {
        throw ErrnoException.of(Errno.EUSERS);
      }
      boolean above = namespace instanceof PidNamespace pids && !pids.isIn(task.pidNamespace());
      if (above) {
        throw ErrnoException.of(Errno.EINVAL);
      }
      chosen[namespace.kind().ordinal()] = namespace;
    }

    /** Root and working directory become the root of the tree. */
    private void checkTree() throws ErrnoException {
      if (!credentials.hasOwnCapability(Capability.SYS_CHROOT)) {
        throw ErrnoException.of(Errno.EPERM);
      }
      if (task.fs().isShared()) {
        throw ErrnoException.of(Errno.EINVAL);
      }
    }

    private void addUser(UserNamespace user) throws ErrnoException {
      boolean shared = task.group().threads().size() > 1 || task.fs().isShared();
      if (user == credentials.userNamespace() || shared) {
        throw ErrnoException.of(Errno.EINVAL);
      }
      if (!credentials.hasCapability(user, Capability.SYS_ADMIN)) {
        throw ErrnoException.of(Errno.EPERM);
      }
      credentials = credentials.inUserNamespace(user);
    }

    long commit() {
      for (Namespace namespace : chosen) {
        if (namespace != null) {
          namespace.acquire();
        }
      }
      NsProxy namespaces = task.namespaces().with(chosen);
      leaveSemaphores(task, namespaces);
      if (chosen[NamespaceKind.MNT.ordinal()] instanceof MountNamespace tree) {
        task.fs().setRoot(tree.root());
        task.fs().setCwd(tree.root());
      }
      task.setNamespaces(namespaces);
      if (chosen[NamespaceKind.TIME.ordinal()] != null) {
        task.clocksChange();
      }
      if (credentials != task.credentials()) {
        credentials.userNamespace().acquire();
        task.setCredentials(credentials);
      }
      return 0;
    }
  }
}
