package dev.skerry.sentry.kernel;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Namespace;
import dev.skerry.sentry.auth.NamespaceKind;
import dev.skerry.sentry.auth.UserNamespace;
import dev.skerry.sentry.usermem.UserMemory;
import dev.skerry.sentry.vfs.AnonymousInodes;
import dev.skerry.sentry.vfs.FileSystem;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.OpenFlags;
import dev.skerry.sentry.vfs.PathNames;
import dev.skerry.sentry.vfs.Stat;
import dev.skerry.sentry.vfs.VfsPath;
import org.jspecify.annotations.Nullable;

/** A namespace as a file (namespaces(7), ioctl_nsfs(2)). Linux: fs/nsfs.c. */
public final class NamespaceFile extends OpenFileDescription {
  private static final long DEVICE = 4;
  private static final int MODE = 0100444;
  private static final int NS_GET_USERNS = 0xb701;
  private static final int NS_GET_PARENT = 0xb702;
  private static final int NS_GET_NSTYPE = 0xb703;
  private static final int NS_GET_OWNER_UID = 0xb704;

  private final Namespace namespace;
  private final @Nullable VfsPath place;

  /**
   * @param namespace with a reference for the file
   */
  public NamespaceFile(Namespace namespace, int flags) {
    this(namespace, flags, null);
  }

  /**
   * As the other.
   *
   * @param place where the namespace is mounted and was opened
   */
  NamespaceFile(Namespace namespace, int flags, @Nullable VfsPath place) {
    super(flags);
    this.namespace = namespace;
    this.place = place;
  }

  @Override
  public @Nullable VfsPath path() {
    return place;
  }

  public Namespace namespace() {
    return namespace;
  }

  @Override
  protected void release() {
    namespace.release();
  }

  @Override
  public OpenFileDescription reopen(int flags) throws ErrnoException {
    if ((flags & OpenFlags.O_ACCMODE) != OpenFlags.O_RDONLY) {
      throw ErrnoException.of(Errno.EPERM);
    }
    namespace.acquire();
    return new NamespaceFile(namespace, flags);
  }

  @Override
  public FileSystem asFileSystem() throws ErrnoException {
    if (!namespace.tryAcquire()) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    return new NamespaceFileSystem(namespace);
  }

  @Override
  public String displayName() {
    return place == null ? namespace.label() : PathNames.ofOpenFile(place);
  }

  @Override
  public Stat stat() {
    return stat(namespace);
  }

  static Stat stat(Namespace namespace) {
    return AnonymousInodes.stat(DEVICE, namespace.number(), MODE, 0, 0, 0);
  }

  @Override
  public long ioctl(UserMemory memory, int request, long argument) {
    Task task = Task.current();
    if (task == null) {
      return -Errno.ENOTTY;
    }
    return switch (request) {
      case NS_GET_USERNS -> open(task, ownerSeenBy(task));
      case NS_GET_PARENT -> parent(task);
      case NS_GET_NSTYPE -> namespace.kind().flag();
      case NS_GET_OWNER_UID ->
          namespace instanceof UserNamespace user
              ? memory.storeInt(
                  argument, task.credentials().userNamespace().shownUid(user.ownerUid()))
              : -Errno.EINVAL;
      default -> -Errno.ENOTTY;
    };
  }

  private @Nullable Namespace ownerSeenBy(Task task) {
    UserNamespace owner = namespace.ownerOrNull();
    return owner != null && owner.isIn(task.credentials().userNamespace()) ? owner : null;
  }

  private long parent(Task task) {
    if (namespace.kind() == NamespaceKind.USER) {
      return open(task, ownerSeenBy(task));
    }
    if (namespace instanceof PidNamespace pids) {
      PidNamespace above = pids.parentNamespace();
      boolean visible = above != null && above.isIn(task.pidNamespace());
      return open(task, visible ? above : null);
    }
    return -Errno.EINVAL;
  }

  private static long open(Task task, @Nullable Namespace other) {
    if (other == null) {
      return -Errno.EPERM;
    }
    other.acquire();
    return task.files().install(new NamespaceFile(other, OpenFlags.O_RDONLY), true, 0);
  }
}
