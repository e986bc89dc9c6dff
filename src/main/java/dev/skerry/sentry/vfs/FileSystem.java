package dev.skerry.sentry.vfs;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.UserNamespace;
import dev.skerry.sentry.slab.Slab;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** One instance of a file system, mounted or ready to be. Linux: struct super_block. */
public abstract class FileSystem {
  /** How long a file on a disk can be: as on ext4 with blocks of 4096 bytes. */
  public static final long DISK_FILE_BYTES = 0xffff_ffffL << 12;

  /** Mounts, and open files below them. */
  private final AtomicInteger uses = new AtomicInteger();

  /** Open files that may write, on whatever mount. */
  final AtomicInteger writers = new AtomicInteger();

  private volatile boolean readOnly;

  /** Whether nothing can be changed on any of its mounts. Linux: SB_RDONLY. */
  public final boolean isReadOnly() {
    return readOnly;
  }

  /** EBUSY if it cannot become read-only because files are open for writing. */
  public final void setReadOnly(boolean refuses) throws ErrnoException {
    if (refuses && !readOnly && writers.get() > 0) {
      throw ErrnoException.of(Errno.EBUSY);
    }
    readOnly = refuses;
  }

  /** The files with watches; they keep their inodes. */
  private final Set<Inode> watched = ConcurrentHashMap.newKeySet();

  /** Shared by all mounts of the whole. Guarded by this. */
  @Nullable Dentry rootDentry;

  private volatile UserNamespace userNamespace = UserNamespace.INITIAL;

  /** Whose root mounted it: its set-ID bits and devices count no further. Linux: s_user_ns. */
  public final UserNamespace userNamespace() {
    return userNamespace;
  }

  /** Sets the user namespace before the first mount. */
  public final void setUserNamespace(UserNamespace mounter) {
    userNamespace = mounter;
  }

  /** Whether it is counted, as a guest's. */
  private volatile boolean counted;

  /** Counts the file system as a guest's; ENOSPC if there is no room for one more. */
  public final void count() throws ErrnoException {
    if (!Slab.FILE_SYSTEM.take(1)) {
      throw ErrnoException.of(Errno.ENOSPC);
    }
    counted = true;
  }

  /** Frees a file system that was never mounted. */
  public final void discard() {
    if (counted) {
      Slab.FILE_SYSTEM.give(1);
    }
    release();
  }

  final void used() {
    uses.incrementAndGet();
  }

  final void unused() {
    if (uses.decrementAndGet() == 0) {
      for (Inode inode : watched) {
        FileEvents.end(inode, FileEvents.UNMOUNT);
      }
      discard();
    }
  }

  final void watched(Inode inode) {
    watched.add(inode);
  }

  final void unwatched(Inode inode) {
    watched.remove(inode);
  }

  /** The name of its type, as in /proc/filesystems. */
  public abstract String type();

  /** The root directory (or, for a bind of a single file, that file). */
  public abstract Inode root();

  /** The tree of mounts that it stands for, as a namespace that is mounted; null for none. */
  public @Nullable MountNamespace mountNamespace() {
    return null;
  }

  /** statfs(2). */
  public abstract StatFs statFs() throws ErrnoException;

  /** How long a file can be at most, in bytes (s_maxbytes). */
  public long mostFileBytes() {
    return Long.MAX_VALUE;
  }

  /** Whether lseek(2) finds the end of its directories, which is their size. */
  public boolean hasDirectoryEnds() {
    return false;
  }

  /** Whether its directories heed {@link Inode#expect}. */
  public boolean looksAhead() {
    return false;
  }

  /** Whether its directories answer {@link Inode#walk}. */
  public boolean walksAtOnce() {
    return false;
  }

  /**
   * Whether names stay as the cache knows them unless this sentry changes them. If not, every
   * cached entry is looked up again when it is used.
   */
  public boolean cachesNames() {
    return true;
  }

  /** The source that /proc/mounts shows if the mount names none (the device name). */
  public String source() {
    return "none";
  }

  /** Options of this file system's own in /proc/mounts, with a comma before each; may be empty. */
  public String options() {
    return "";
  }

  /**
   * The last mount and the last open file are gone: frees what the file system holds. Called once.
   */
  public void release() {}
}
