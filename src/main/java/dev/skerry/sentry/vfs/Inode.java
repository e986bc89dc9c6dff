package dev.skerry.sentry.vfs;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * A file, apart from its names. What is asked of it was checked: permissions, read-only mounts,
 * names (no slash, not "." or "..", at most 255 bytes), types. The file system still has the last
 * word on whether names exist, since others may change them meanwhile. Thread-safe. Linux: struct
 * inode.
 */
public abstract class Inode {
  public static final int S_IFMT = 0170000;
  public static final int S_IFSOCK = 0140000;
  public static final int S_IFLNK = 0120000;
  public static final int S_IFREG = 0100000;
  public static final int S_IFBLK = 0060000;
  public static final int S_IFDIR = 0040000;
  public static final int S_IFCHR = 0020000;
  public static final int S_IFIFO = 0010000;

  /** Guards the changes of {@link #watches} of all files. */
  private static final Object WATCHES_LOCK = new Object();

  private static final AtomicIntegerFieldUpdater<Inode> WRITERS =
      AtomicIntegerFieldUpdater.newUpdater(Inode.class, "writers");
  private static final AtomicIntegerFieldUpdater<Inode> READERS =
      AtomicIntegerFieldUpdater.newUpdater(Inode.class, "readers");

  private @Nullable Object attachment;

  /** Open files that may write. */
  private volatile int writers;

  /** Open files that may only read. */
  private volatile int readers;

  /** Who knows whether it is run as a program; null for what never was. */
  private volatile @Nullable RunningPrograms programs;

  private volatile @Nullable FileLocks locks;
  private volatile @Nullable FileLeases leases;
  private volatile long writeHint;

  /** Never changed in place; null, as nearly always, if nobody watches. */
  private volatile FileWatch @Nullable [] watches;

  public abstract FileSystem fileSystem();

  /** The S_IFMT bits; they never change. */
  public abstract int type();

  public abstract Stat stat() throws ErrnoException;

  public final boolean isDirectory() {
    return type() == S_IFDIR;
  }

  /** Whether something may be mounted on it: not on what comes and goes with descriptors. */
  public boolean mayBeMountPoint() {
    return true;
  }

  public final boolean isRegular() {
    return type() == S_IFREG;
  }

  public final boolean isSymlink() {
    return type() == S_IFLNK;
  }

  // Directories

  /** The file under the name, or null if there is none: a miss is a value. */
  public @Nullable Inode lookup(String name) throws ErrnoException {
    throw ErrnoException.of(Errno.ENOTDIR);
  }

  /**
   * What was found along some names.
   *
   * @param files fewer than names if one of those is not there or the one before it is no directory
   * @param missing whether the next name is known not to be there
   */
  public record Walked(List<? extends Inode> files, boolean missing) {}

  /**
   * Follows names from the directory on, one in the other; see {@link FileSystem#walksAtOnce}.
   *
   * @param opens whether the last file is opened for reading soon
   */
  public Walked walk(List<String> names, boolean opens) throws ErrnoException {
    throw ErrnoException.of(Errno.ENOTDIR);
  }

  /**
   * Tells that names will be looked up from the directory on, one in the other; see {@link
   * FileSystem#looksAhead}.
   *
   * @param opens whether the last file is opened for reading soon
   */
  public void expect(List<String> names, boolean opens) throws ErrnoException {}

  /** All names but "." and "..", as they are now. */
  public List<DirectoryEntry> entries() throws ErrnoException {
    throw ErrnoException.of(Errno.ENOTDIR);
  }

  /** Makes a regular file; EEXIST if the name is taken. The umask has been applied. */
  public Inode create(String name, int mode, Owner owner) throws ErrnoException {
    throw ErrnoException.of(Errno.EROFS);
  }

  public Inode mkdir(String name, int mode, Owner owner) throws ErrnoException {
    throw ErrnoException.of(Errno.EROFS);
  }

  /**
   * @param mode with the type bits: S_IFIFO, S_IFSOCK, S_IFCHR, S_IFBLK or S_IFREG
   */
  public Inode mknod(String name, int mode, long rdev, Owner owner) throws ErrnoException {
    throw ErrnoException.of(Errno.EROFS);
  }

  public Inode symlink(String name, String target, Owner owner) throws ErrnoException {
    throw ErrnoException.of(Errno.EROFS);
  }

  /** Gives the file, of the same file system, another name here. */
  public void link(String name, Inode file) throws ErrnoException {
    throw ErrnoException.of(Errno.EROFS);
  }

  public void unlink(String name, Inode file) throws ErrnoException {
    throw ErrnoException.of(Errno.EROFS);
  }

  public void rmdir(String name, Inode directory) throws ErrnoException {
    throw ErrnoException.of(Errno.EROFS);
  }

  /**
   * rename(2) within the file system; that a directory does not go into itself was checked.
   *
   * @param replaced what has the new name now, or null
   * @param flags RENAME_NOREPLACE (1) or RENAME_EXCHANGE (2) of renameat2(2)
   */
  public void rename(
      String name,
      Inode file,
      Inode newDirectory,
      String newName,
      @Nullable Inode replaced,
      int flags)
      throws ErrnoException {
    throw ErrnoException.of(Errno.EROFS);
  }

  /** A regular file without a name (O_TMPFILE). */
  public Inode createTemporary(int mode, Owner owner) throws ErrnoException {
    throw ErrnoException.of(Errno.EOPNOTSUPP);
  }

  // Symbolic links

  /** The target as text. */
  public String readlink() throws ErrnoException {
    throw ErrnoException.of(Errno.EINVAL);
  }

  /**
   * Where a magic link of /proc leads (proc_pid_fd(5)); null for every ordinary link, whose text is
   * walked instead.
   */
  public @Nullable MagicTarget magicTarget() throws ErrnoException {
    return null;
  }

  // Attributes

  /** Whether the file has {@link FileFlags}, which are none otherwise. */
  public boolean hasFlags() {
    return false;
  }

  /** Bits of {@link FileFlags}. */
  public int flags() {
    return 0;
  }

  /** Sets all of them, for a file that has them. */
  public void setFlags(int flags) throws ErrnoException {}

  /** Sets attributes; the change time follows by itself. */
  public void setAttributes(AttributeChange change) throws ErrnoException {
    throw ErrnoException.of(Errno.EROFS);
  }

  /** ENODATA if there is none. */
  public byte[] getXattr(String name) throws ErrnoException {
    throw ErrnoException.of(Errno.EOPNOTSUPP);
  }

  /**
   * @param flags XATTR_CREATE (1) or XATTR_REPLACE (2)
   */
  public void setXattr(String name, byte[] value, int flags) throws ErrnoException {
    throw ErrnoException.of(Errno.EOPNOTSUPP);
  }

  public void removeXattr(String name) throws ErrnoException {
    throw ErrnoException.of(Errno.EOPNOTSUPP);
  }

  public List<String> listXattr() throws ErrnoException {
    return List.of();
  }

  // Opening

  /**
   * Opens a regular file; other types are the {@link VirtualFileSystem}'s affair. O_CREAT, O_EXCL
   * and O_TRUNC are done already.
   *
   * @param path where it was opened, for {@link OpenFileDescription#path}
   * @param flags access mode and status flags
   */
  public OpenFileDescription open(VfsPath path, int flags) throws ErrnoException {
    throw ErrnoException.of(Errno.ENXIO);
  }

  final void writerOpened() {
    WRITERS.incrementAndGet(this);
  }

  final void writerClosed() {
    WRITERS.decrementAndGet(this);
  }

  final void readerOpened() {
    READERS.incrementAndGet(this);
  }

  final void readerClosed() {
    READERS.decrementAndGet(this);
  }

  /** Whether nobody has the file open against a lease of the description's: F_SETLEASE. */
  final boolean mayLease(OpenFileDescription file, int kind) {
    if (kind == FileLeases.READ) {
      return writers == 0;
    }
    RunningPrograms who = programs;
    return writers == (file.isWritable() ? 1 : 0)
        && readers == (file.isReadOnly() ? 1 : 0)
        && (who == null || !who.isRunning(this));
  }

  /** ETXTBSY if the file is open for writing: it cannot be run as a program then. */
  public final void checkMayRun() throws ErrnoException {
    if (writers > 0) {
      throw ErrnoException.of(Errno.ETXTBSY);
    }
  }

  /** The file is about to be run as a program. */
  public final void runs(RunningPrograms who) {
    programs = who;
  }

  /** ETXTBSY if the file is run as a program: it cannot be written then. */
  final void checkNotRunning() throws ErrnoException {
    RunningPrograms who = programs;
    if (who != null && who.isRunning(this)) {
      throw ErrnoException.of(Errno.ETXTBSY);
    }
  }

  /** What the kernel keeps with the file while it is in memory: the pipe of a FIFO, a socket. */
  public final synchronized @Nullable Object attachment() {
    return attachment;
  }

  public final synchronized void attach(@Nullable Object object) {
    attachment = object;
  }

  /** The advisory locks on the file. */
  public final FileLocks locks() {
    FileLocks present = locks;
    return present == null ? makeLocks() : present;
  }

  private synchronized FileLocks makeLocks() {
    FileLocks made = locks;
    if (made == null) {
      made = new FileLocks();
      locks = made;
    }
    return made;
  }

  /** As {@link #locks}, or null if there was never one. */
  final @Nullable FileLocks locksIfAny() {
    return locks;
  }

  /** The leases on the file. */
  public final FileLeases leases() {
    FileLeases present = leases;
    return present == null ? makeLeases() : present;
  }

  private synchronized FileLeases makeLeases() {
    FileLeases made = leases;
    if (made == null) {
      made = new FileLeases(this);
      leases = made;
    }
    return made;
  }

  /** As {@link #leases}, or null if there was never one. */
  public final @Nullable FileLeases leasesIfAny() {
    return leases;
  }

  /** The expected life of what is written, an RWH_ constant (fcntl(2), F_SET_RW_HINT). */
  public final long writeHint() {
    return writeHint;
  }

  public final void setWriteHint(long hint) {
    writeHint = hint;
  }

  /** Those who watch the file, or null. */
  final FileWatch @Nullable [] watches() {
    return watches;
  }

  public final void addWatch(FileWatch watch) {
    synchronized (WATCHES_LOCK) {
      FileWatch @Nullable [] before = watches;
      FileWatch[] after =
          before == null ? new FileWatch[1] : Arrays.copyOf(before, before.length + 1);
      after[after.length - 1] = watch;
      watches = after;
      fileSystem().watched(this);
    }
  }

  /** Nothing happens if the watch is not there. */
  public final void removeWatch(FileWatch watch) {
    synchronized (WATCHES_LOCK) {
      FileWatch @Nullable [] before = watches;
      int at = before == null ? -1 : Arrays.asList(before).indexOf(watch);
      if (before == null || at < 0) {
        return;
      }
      if (before.length == 1) {
        takeWatches();
        return;
      }
      FileWatch[] after = Arrays.copyOf(before, before.length - 1);
      System.arraycopy(before, at + 1, after, at, after.length - at);
      watches = after;
    }
  }

  /** Takes all watches off. */
  final FileWatch @Nullable [] takeWatches() {
    synchronized (WATCHES_LOCK) {
      FileWatch @Nullable [] before = watches;
      watches = null;
      fileSystem().unwatched(this);
      return before;
    }
  }
}
