package dev.skerry.sentry.kernel;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.slab.Slab;
import dev.skerry.sentry.sysctl.Sysctl;
import dev.skerry.sentry.sysctl.SysctlValues;
import dev.skerry.sentry.vfs.OpenFileDescription;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A table of descriptors, of one process or of several that share it (CLONE_FILES). Its monitor
 * guards all; files are dropped after it is left. Linux: struct files_struct.
 */
public final class FdTable {
  /** The flag of fcntl(2) F_GETFD. */
  public static final int FD_CLOEXEC = 1;

  /** No limit can be higher: what fs.nr_open is at first, and at most. */
  public static final int MOST = 1 << 20;

  /** Linux counts in so many, and has room for that without asking. */
  private static final int WORD = 64;

  private static final int FIRST_SIZE = 16;

  private @Nullable OpenFileDescription[] files;
  private final BitSet used;
  private final BitSet closeOnExec;
  private int limit;
  private int users = 1;

  /**
   * @param limit RLIMIT_NOFILE: no descriptor is as high
   */
  public FdTable(int limit) {
    this.files = new OpenFileDescription[FIRST_SIZE];
    this.used = new BitSet();
    this.closeOnExec = new BitSet();
    this.limit = Math.min(limit, MOST);
    Slab.DESCRIPTOR.charge(FIRST_SIZE);
  }

  private FdTable(FdTable from) {
    this.files = from.files.clone();
    this.used = (BitSet) from.used.clone();
    this.closeOnExec = (BitSet) from.closeOnExec.clone();
    this.limit = from.limit;
    Slab.DESCRIPTOR.charge(files.length);
  }

  /** The file with a reference for the caller, or null if the descriptor is not open. */
  public synchronized @Nullable OpenFileDescription acquire(int fd) {
    OpenFileDescription file = at(fd);
    return file == null ? null : file.acquire();
  }

  private @Nullable OpenFileDescription at(int fd) {
    return fd >= 0 && fd < files.length ? files[fd] : null;
  }

  /**
   * Puts a file under the lowest free descriptor. Takes over the caller's reference, which is
   * dropped on failure.
   *
   * @param lowest at least so high
   * @return the descriptor, or -EMFILE; -ENFILE if there is no room for more kernel objects;
   *     -EINVAL if {@code lowest} is beyond the limit
   */
  public long install(OpenFileDescription file, boolean closeOnExecFlag, int lowest) {
    long result;
    synchronized (this) {
      int fd = used.nextClearBit(Math.max(lowest, 0));
      if (lowest < 0 || (lowest > 0 && lowest >= limit)) {
        result = -Errno.EINVAL;
      } else if (fd >= limit || !mayGrowTo(fd) || users == 0) {
        result = -Errno.EMFILE;
      } else if (Slab.isFull()) {
        result = -Errno.ENFILE;
      } else {
        put(fd, file, closeOnExecFlag);
        return fd;
      }
    }
    file.drop();
    return result;
  }

  /** Whether a descriptor is free; another thread may take it. */
  public synchronized boolean hasRoom() {
    return used.nextClearBit(0) < limit;
  }

  /** What is in the table stays when fs.nr_open is lowered. */
  private boolean mayGrowTo(int fd) {
    return fd < files.length || fd < SysctlValues.SYSTEM.get(Sysctl.NR_OPEN);
  }

  private void put(int fd, OpenFileDescription file, boolean closeOnExecFlag) {
    if (fd >= files.length) {
      int before = files.length;
      files = Arrays.copyOf(files, Math.max(fd + 1, 2 * before));
      Slab.DESCRIPTOR.charge(files.length - before);
    }
    files[fd] = file;
    used.set(fd);
    closeOnExec.set(fd, closeOnExecFlag);
  }

  /**
   * Puts a file under the given descriptor, and closes what was there (dup2(2)). Takes over the
   * caller's reference, which is dropped on failure.
   *
   * @return the descriptor, or -EBADF beyond the limit, or -ENOMEM
   */
  public long installAt(int fd, OpenFileDescription file, boolean closeOnExecFlag) {
    OpenFileDescription old = null;
    long error = -Errno.EBADF;
    synchronized (this) {
      if (fd >= files.length && fd < limit && Slab.isFull()) {
        error = -Errno.ENOMEM;
      } else if (fd >= 0 && fd < limit && mayGrowTo(fd) && users > 0) {
        old = at(fd);
        put(fd, file, closeOnExecFlag);
        if (old == null) {
          return fd;
        }
      }
    }
    if (old == null) {
      file.drop();
      return error;
    }
    closed(old);
    return fd;
  }

  /** Closes a descriptor: zero or -EBADF. */
  public long close(int fd) {
    OpenFileDescription file;
    synchronized (this) {
      file = remove(fd);
    }
    if (file == null) {
      return -Errno.EBADF;
    }
    closed(file);
    return 0;
  }

  private void closed(OpenFileDescription file) {
    file.descriptorClosed(this);
    file.drop();
  }

  private @Nullable OpenFileDescription remove(int fd) {
    OpenFileDescription file = at(fd);
    if (file != null) {
      files[fd] = null;
      used.clear(fd);
      closeOnExec.clear(fd);
    }
    return file;
  }

  /** Closes every open descriptor from {@code first} to {@code last}, both included. */
  public void closeRange(int first, int last) {
    closeAll(select(first, last, false));
  }

  private void closeAll(List<OpenFileDescription> removed) {
    for (OpenFileDescription file : removed) {
      closed(file);
    }
  }

  private synchronized List<OpenFileDescription> select(int first, int last, boolean onExec) {
    BitSet set = onExec ? closeOnExec : used;
    List<OpenFileDescription> removed = new ArrayList<>();
    for (int fd = set.nextSetBit(first); fd >= 0 && fd <= last; fd = set.nextSetBit(fd + 1)) {
      OpenFileDescription file = remove(fd);
      if (file != null) {
        removed.add(file);
      }
    }
    return removed;
  }

  /** FD_CLOEXEC or 0, or -EBADF. */
  public synchronized long getFlags(int fd) {
    if (at(fd) == null) {
      return -Errno.EBADF;
    }
    return closeOnExec.get(fd) ? FD_CLOEXEC : 0;
  }

  /** Zero or -EBADF. */
  public synchronized long setFlags(int fd, int flags) {
    if (at(fd) == null) {
      return -Errno.EBADF;
    }
    closeOnExec.set(fd, (flags & FD_CLOEXEC) != 0);
    return 0;
  }

  /** Marks the open descriptors of a range close-on-exec (close_range(2)). */
  public synchronized void setCloseOnExec(int first, int last) {
    for (int fd = used.nextSetBit(first); fd >= 0 && fd <= last; fd = used.nextSetBit(fd + 1)) {
      closeOnExec.set(fd);
    }
  }

  /**
   * Sees to it that a copy may be as large.
   *
   * @throws ErrnoException EMFILE if fs.nr_open is too low by now. Linux: alloc_fdtable().
   */
  public synchronized void checkCopy() throws ErrnoException {
    int needed = (used.length() + WORD - 1) & -WORD;
    if (needed > WORD && needed > (SysctlValues.SYSTEM.get(Sysctl.NR_OPEN) & -WORD)) {
      throw ErrnoException.of(Errno.EMFILE);
    }
  }

  /**
   * A copy with the same files, for a child process. The caller has asked whether there is room.
   */
  public synchronized FdTable fork() {
    FdTable copy = new FdTable(this);
    for (OpenFileDescription file : copy.files) {
      if (file != null) {
        file.acquire();
      }
    }
    return copy;
  }

  /** Closes what execve(2) closes. */
  public void closeOnExec() {
    closeAll(select(0, MOST, true));
  }

  /** For how many descriptors the table has room now. */
  public synchronized int size() {
    return files.length;
  }

  /** The open descriptors, in order. */
  public synchronized int[] descriptors() {
    int[] descriptors = new int[used.cardinality()];
    int next = used.nextSetBit(0);
    for (int i = 0; i < descriptors.length; i++) {
      descriptors[i] = next;
      next = used.nextSetBit(next + 1);
    }
    return descriptors;
  }

  /** Follows RLIMIT_NOFILE. */
  synchronized void setLimit(long most) {
    limit = most < 0 ? MOST : (int) Math.min(most, MOST);
  }

  /** One more task uses the table. */
  synchronized FdTable share() {
    users++;
    return this;
  }

  /** Whether several tasks use the table. */
  public synchronized boolean isShared() {
    return users > 1;
  }

  /** A task that used the table is gone; with the last one everything is closed. */
  public void leave() {
    synchronized (this) {
      if (--users > 0) {
        return;
      }
    }
    closeRange(0, MOST);
    Slab.DESCRIPTOR.give(size());
  }
}
