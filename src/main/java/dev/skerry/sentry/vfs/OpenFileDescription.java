package dev.skerry.sentry.vfs;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.slab.Slab;
import dev.skerry.sentry.usermem.IoBuffer;
import dev.skerry.sentry.usermem.UserMemory;
import dev.skerry.sentry.waiter.Events;
import dev.skerry.sentry.waiter.WaitEntry;
import dev.skerry.sentry.waiter.WaitQueue;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * An open file description (open(2)): what several descriptors, of several processes, may share.
 * Counted: {@link #release} runs once, when the last reference goes. Linux: struct file.
 *
 * <p>The calls that move data never block: they return -EAGAIN when nothing can be moved now,
 * whatever O_NONBLOCK says; the caller waits on {@link #waitQueue}. They return -errno, and throw
 * nothing.
 */
public abstract class OpenFileDescription {
  private final AtomicInteger references = new AtomicInteger(1);
  private final Slab slab;
  private volatile int flags;

  /** In the order of their coming; null, as nearly always, for nobody. */
  private volatile @Nullable Set<Runnable> releaseListeners;

  private volatile @Nullable VfsPath place;
  private volatile IoOwner ioOwner = IoOwner.NONE;
  private volatile @Nullable WaitEntry ioNotice;
  private volatile @Nullable FileLocks ownLocks;

  private boolean created;

  /** Rights that were not the opener's (landlock(7)). */
  private int withheld;

  /** What the opening waits for; null, as nearly always, for nothing. */
  private @Nullable LeaseBreak leaseBreak;

  /**
   * @param flags access mode and status flags (O_RDONLY, O_APPEND, O_NONBLOCK …), without the
   *     creation flags and without O_CLOEXEC, which is the descriptor's
   */
  protected OpenFileDescription(int flags) {
    this(flags, Slab.FILE);
  }

  /**
   * As the other.
   *
   * @param slab what it is counted as
   */
  protected OpenFileDescription(int flags, Slab slab) {
    this.flags = flags;
    this.slab = slab;
    slab.charge(1);
  }

  public final int flags() {
    return flags;
  }

  /** Replaces the status flags (fcntl F_SETFL); the caller has kept the access mode. */
  public final void setFlags(int flags) {
    this.flags = flags;
  }

  public final boolean isNonBlocking() {
    return (flags & OpenFlags.O_NONBLOCK) != 0;
  }

  public final boolean isReadable() {
    int mode = flags & OpenFlags.O_ACCMODE;
    return (mode == OpenFlags.O_RDONLY || mode == OpenFlags.O_RDWR)
        && (flags & OpenFlags.O_PATH) == 0;
  }

  final boolean isReadOnly() {
    return isReadable() && !isWritable();
  }

  public final boolean isWritable() {
    int mode = flags & OpenFlags.O_ACCMODE;
    return (mode == OpenFlags.O_WRONLY || mode == OpenFlags.O_RDWR)
        && (flags & OpenFlags.O_PATH) == 0;
  }

  /** Takes one more reference; the caller holds one already. */
  public final OpenFileDescription acquire() {
    references.incrementAndGet();
    return this;
  }

  /**
   * Takes a reference unless the last one is gone.
   *
   * @return whether it did
   */
  public final boolean tryAcquire() {
    while (true) {
      int count = references.get();
      if (count == 0) {
        return false;
      }
      if (references.compareAndSet(count, count + 1)) {
        return true;
      }
    }
  }

  /** Gives a reference back, and releases the file with the last one. */
  public final void drop() {
    if (references.decrementAndGet() == 0) {
      VfsPath path = place;
      if (path != null) {
        closed(path.inode());
      }
      if (path != null && (flags & OpenFlags.O_PATH) == 0) {
        FileEvents.ofFile(path, isWritable() ? FileEvents.CLOSE_WRITE : FileEvents.CLOSE_NOWRITE);
      }
      if (ioNotice != null) {
        setIoNotice(null);
      }
      if (releaseListeners != null) {
        tellReleased();
      }
      FileLocks locks = locksIfAny();
      if (locks != null) {
        locks.releaseAll(this);
      }
      release();
      if (path != null) {
        letGo(path);
      }
      slab.give(1);
    }
  }

  private void closed(Inode inode) {
    if (isWritable()) {
      inode.writerClosed();
    } else if (isReadable()) {
      inode.readerClosed();
    }
    FileLeases leases = inode.leasesIfAny();
    if (leases != null) {
      leases.remove(this);
    }
  }

  /** Whether opening it has made the file (fcntl(2), F_CREATED_QUERY). */
  public final boolean isCreated() {
    return created;
  }

  /** Called once, right after opening. */
  final void setCreated() {
    created = true;
  }

  /**
   * Whether a right to the file was withheld from who opened it, and so is from all who use it.
   *
   * @param right TRUNCATE or IOCTL_DEV of {@link dev.skerry.sentry.landlock.AccessRights}
   */
  public final boolean isWithheld(int right) {
    return (withheld & right) != 0;
  }

  /** Called once, right after opening. */
  final void setWithheld(int rights) {
    withheld = rights;
  }

  /** The leases that are broken for it: nobody may use the file before that is over. */
  public final @Nullable LeaseBreak leaseBreak() {
    return leaseBreak;
  }

  final void setLeaseBreak(LeaseBreak awaited) {
    leaseBreak = awaited;
  }

  /**
   * Keeps mount and name busy until the file is released, and tells those who watch it. Called
   * once, right after opening.
   */
  final void hold(VfsPath path) {
    place = path;
    path.mount().fileOpened(keepsWritable(path));
    path.dentry().opened();
    if (isWritable()) {
      path.inode().writerOpened();
    } else if (isReadable()) {
      path.inode().readerOpened();
    }
    if ((flags & OpenFlags.O_PATH) == 0) {
      FileEvents.ofFile(path, FileEvents.OPEN);
    }
  }

  /** Whether the mount cannot become read-only meanwhile: devices and pipes do not matter. */
  private boolean keepsWritable(VfsPath path) {
    return isWritable() && path.inode().isRegular();
  }

  private void letGo(VfsPath path) {
    path.dentry().closed();
    FileEvents.unused(path.dentry());
    path.mount().fileClosed(keepsWritable(path));
  }

  /**
   * Asks to be told, without locks, right before the description is released; for epoll, which
   * watches files without holding references. The caller holds a reference.
   */
  public final synchronized void addReleaseListener(Runnable listener) {
    Set<Runnable> listeners = releaseListeners;
    if (listeners == null) {
      listeners = new LinkedHashSet<>(4);
      releaseListeners = listeners;
    }
    listeners.add(listener);
  }

  /** Those who asked to be told. */
  public final synchronized List<Runnable> releaseListeners() {
    Set<Runnable> listeners = releaseListeners;
    return listeners == null ? List.of() : List.copyOf(listeners);
  }

  public final synchronized void removeReleaseListener(Runnable listener) {
    Set<Runnable> listeners = releaseListeners;
    if (listeners != null) {
      listeners.remove(listener);
      releaseListeners = listeners.isEmpty() ? null : listeners;
    }
  }

  private void tellReleased() {
    Set<Runnable> listeners;
    synchronized (this) {
      listeners = releaseListeners;
      releaseListeners = null;
    }
    if (listeners != null) {
      listeners.forEach(Runnable::run);
    }
  }

  /**
   * A descriptor of this file was closed: record locks that its owner holds go (fcntl(2)).
   *
   * @param owner the descriptor table, to which such locks belong
   */
  public final void descriptorClosed(Object owner) {
    FileLocks locks = locksIfAny();
    if (locks != null) {
      locks.releaseAll(owner);
    }
    flush(owner);
  }

  /** What else goes with a descriptor of the table. Linux: the flush of file_operations. */
  protected void flush(Object table) {}

  private @Nullable FileLocks locksIfAny() {
    VfsPath path = path();
    if (path != null) {
      return path.inode().locksIfAny();
    }
    AnonymousInode inode = anonymousInode();
    return inode == null ? ownLocks : inode.locks();
  }

  /** The advisory locks on the file, which all descriptions of an inode share. */
  public final FileLocks locks() {
    VfsPath path = path();
    if (path != null) {
      return path.inode().locks();
    }
    AnonymousInode inode = anonymousInode();
    if (inode != null) {
      return inode.locks();
    }
    synchronized (this) {
      FileLocks made = ownLocks;
      if (made == null) {
        made = new FileLocks();
        ownLocks = made;
      }
      return made;
    }
  }

  /** Whether the file tells of input and output by signals. Linux: a fasync operation. */
  public boolean hasIoSignals() {
    return false;
  }

  /**
   * Sets who is told of every change of {@link #poll} until the file is released; null for nobody.
   */
  public final void setIoNotice(@Nullable WaitEntry entry) {
    WaitQueue queue = waitQueue();
    WaitEntry before;
    synchronized (this) {
      before = ioNotice;
      ioNotice = entry;
    }
    if (queue != null && before != null) {
      queue.remove(before);
    }
    if (queue != null && entry != null) {
      queue.add(entry);
    }
  }

  /** Who is told, or null. */
  public final @Nullable WaitEntry ioNotice() {
    return ioNotice;
  }

  public final IoOwner ioOwner() {
    return ioOwner;
  }

  public final void setIoOwner(IoOwner owner) {
    ioOwner = owner;
  }

  /** Frees what the description holds. Called once. */
  protected abstract void release();

  /**
   * The inode of a pipe or a socket; null for a file that has a place, and for the anonymous rest.
   */
  protected @Nullable AnonymousInode anonymousInode() {
    return null;
  }

  /** Whether the file can be used with O_DIRECT; pipes have another use for the flag. */
  public boolean canBeDirect() {
    return false;
  }

  /**
   * Where the file was opened; null for one without a place in the tree (pipe, socket, eventfd).
   */
  public @Nullable VfsPath path() {
    return null;
  }

  /**
   * Opens the same object again, through /proc/PID/fd; for files without a place in the tree.
   *
   * @param flags access mode and status flags
   * @throws ErrnoException ENXIO for what cannot be opened so (sockets, eventfds)
   */
  public OpenFileDescription reopen(int flags) throws ErrnoException {
    throw ErrnoException.of(Errno.ENXIO);
  }

  /**
   * A file system with nothing but what this file stands for, to be mounted by MS_BIND; only for
   * files without a place in the tree.
   *
   * @throws ErrnoException EINVAL for what cannot be mounted so
   */
  public FileSystem asFileSystem() throws ErrnoException {
    throw ErrnoException.of(Errno.EINVAL);
  }

  /** What /proc/PID/fd shows: {@code pipe:[7]}, or the path. */
  public abstract String displayName();

  /** What /proc/PID/fdinfo tells of this kind of file alone: lines, or nothing. */
  public String details() {
    return "";
  }

  /** fstat(2). */
  public abstract Stat stat() throws ErrnoException;

  /** Reads at the file's own position, if it has one, and moves that. */
  public long read(IoBuffer target) {
    return -Errno.EINVAL;
  }

  /** Writes at the file's own position (or the end, with O_APPEND), and moves that. */
  public long write(IoBuffer source) {
    return -Errno.EINVAL;
  }

  /** Reads at {@code offset}; -ESPIPE for a file without positions. */
  public long pread(IoBuffer target, long offset) {
    return -Errno.ESPIPE;
  }

  /** Writes at {@code offset}; -ESPIPE for a file without positions. */
  public long pwrite(IoBuffer source, long offset) {
    return -Errno.ESPIPE;
  }

  /**
   * Writes at the end of the file, whatever its flags (RWF_APPEND of pwritev2(2)).
   *
   * @param moves whether the file's own position goes along
   */
  public long append(IoBuffer source, boolean moves) {
    return moves ? write(source) : pwrite(source, 0);
  }

  /** Whether splice(2) and sendfile(2) read from it (file_operations.splice_read). */
  public boolean hasSpliceRead() {
    return false;
  }

  /** Whether splice(2) and sendfile(2) write to it (file_operations.splice_write). */
  public boolean hasSpliceWrite() {
    return false;
  }

  /** lseek(2). */
  public long seek(long offset, int whence) {
    return -Errno.ESPIPE;
  }

  /** The poll events that hold now. A regular file is always ready. */
  public int poll() {
    return Events.READABLE | Events.WRITABLE;
  }

  /** Where changes of {@link #poll} are told; null for a file that is always ready. */
  public @Nullable WaitQueue waitQueue() {
    return null;
  }

  /**
   * How long a read or a write waits at most, in nanoseconds; 0 for ever, less for not at all
   * (socket(7), SO_RCVTIMEO).
   */
  public long waitLimit(boolean write) {
    return 0;
  }

  /** ioctl(2), for what the file itself answers; -ENOTTY otherwise. */
  public long ioctl(UserMemory memory, int request, long argument) {
    return -Errno.ENOTTY;
  }

  /** Lists a directory from its position on (getdents64(2)); -ENOTDIR for other files. */
  public long readDirectory(DirectorySink sink) {
    return -Errno.ENOTDIR;
  }

  /** fsync(2), fdatasync(2). */
  public long sync(boolean dataOnly) {
    return -Errno.EINVAL;
  }

  /** ftruncate(2). */
  public long truncate(long length) {
    return -Errno.EINVAL;
  }

  /** fallocate(2). */
  public long allocate(int mode, long offset, long length) {
    return -Errno.ENODEV;
  }

  /**
   * A host descriptor with the file's content, for mmap(2). It stays the description's own.
   *
   * @param writable whether a shared writable mapping is wanted
   * @return the descriptor, or -ENODEV for a file that cannot be mapped, or another negative error
   */
  public int mappableHostFd(boolean writable) {
    return -Errno.ENODEV;
  }
}
