package dev.skerry.sentry.kernel;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Capability;
import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.auth.NamespaceKind;

/**
 * New namespaces for a task or its child, as the CLONE_NEW flags of clone(2) and unshare(2) ask
 * for. Linux: copy_creds() and create_new_namespaces().
 */
public final class Unsharing {
  /** All CLONE_NEW flags but those of user namespaces. */
  private static final long PROXIED =
      Cloning.NAMESPACES & ~(long) NamespaceKind.USER.flag() | NamespaceKind.TIME.flag();

  private Unsharing() {}

  /**
   * The credentials of the task, or with CLONE_NEWUSER new ones; the caller owns a reference to
   * their user namespace.
   *
   * @throws ErrnoException ENOSPC; EPERM for a task whose root is not that of its mounts, or whose
   *     ids are not mapped
   */
  public static Credentials credentials(Task task, long flags) throws ErrnoException {
    Credentials own = task.credentials();
    if ((flags & Cloning.CLONE_NEWUSER) == 0) {
      own.userNamespace().acquire();
      return own;
    }
    if (!task.fs().root().equals(task.mountNamespace().root())) {
      throw ErrnoException.of(Errno.EPERM);
    }
    return own.withNewUserNamespace();
  }

  /**
   * The namespaces of the task, or new ones; the caller owns a reference.
   *
   * @param credentials that count for it, and whose user namespace owns what is new
   * @param fs goes to the same places in a new tree of mounts
   * @throws ErrnoException EPERM without CAP_SYS_ADMIN; ENOSPC
   */
  public static NsProxy namespaces(Task task, long flags, Credentials credentials, FsContext fs)
      throws ErrnoException {
    long wanted = flags & PROXIED;
    if (wanted == 0) {
      return task.namespaces().share();
    }
    if (!credentials.hasOwnCapability(Capability.SYS_ADMIN)) {
      throw ErrnoException.of(Errno.EPERM);
    }
    boolean elsewhere = task.namespaces().pidForChildren() != task.pidNamespace();
    if ((wanted & Cloning.CLONE_NEWPID) != 0 && elsewhere) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    return task.namespaces().unshare(wanted, credentials.userNamespace(), fs);
  }
}
