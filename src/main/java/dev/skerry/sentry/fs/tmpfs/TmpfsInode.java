package dev.skerry.sentry.fs.tmpfs;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.slab.Slab;
import dev.skerry.sentry.vfs.AttributeChange;
import dev.skerry.sentry.vfs.FileFlags;
import dev.skerry.sentry.vfs.FileSystem;
import dev.skerry.sentry.vfs.Inode;
import dev.skerry.sentry.vfs.MemoryAccount;
import dev.skerry.sentry.vfs.Owner;
import dev.skerry.sentry.vfs.RegularFile;
import dev.skerry.sentry.vfs.Stat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What all files of a tmpfs have: attributes, links, users. Its monitor guards these. */
abstract class TmpfsInode extends Inode {
  /** About what an inode takes on the heap. */
  private static final int RECORD_BYTES = 384;

  private static final int PERMISSIONS = 07777;

  private final TmpfsFileSystem fileSystem;
  private final long number;
  private final int type;
  private final long btime;

  @GuardedBy("this")
  private int mode;

  @GuardedBy("this")
  private int uid;

  @GuardedBy("this")
  private int gid;

  @GuardedBy("this")
  private int links;

  @GuardedBy("this")
  private int users;

  @GuardedBy("this")
  private boolean freed;

  @GuardedBy("this")
  private long atime;

  @GuardedBy("this")
  private long mtime;

  @GuardedBy("this")
  private long ctime;

  @GuardedBy("this")
  private @Nullable Xattrs xattrs;

  private volatile int flags;

  /**
   * Draws a record from the accounts, which {@link #left} gives back.
   *
   * @param mode with the type bits
   * @throws ErrnoException ENOSPC
   */
  TmpfsInode(TmpfsFileSystem fileSystem, int mode, Owner owner) throws ErrnoException {
    this.fileSystem = fileSystem;
    this.type = mode & S_IFMT;
    this.mode = mode & PERMISSIONS;
    this.uid = owner.uid();
    this.gid = owner.gid();
    this.btime = TmpfsFileSystem.now();
    this.atime = btime;
    this.mtime = btime;
    this.ctime = btime;
    this.number = fileSystem.nextNumber();
    if (!MemoryAccount.RECORDS.takeAll(RECORD_BYTES)) {
      fileSystem.inodeFreed();
      throw ErrnoException.of(Errno.ENOSPC);
    }
    Slab.TMPFS_INODE.charge(1);
  }

  @Override
  public final FileSystem fileSystem() {
    return fileSystem;
  }

  final TmpfsFileSystem tmpfs() {
    return fileSystem;
  }

  @Override
  public final int type() {
    return type;
  }

  /** In bytes. */
  abstract long size();

  /** Of data. */
  long pages() {
    return 0;
  }

  long rdev() {
    return 0;
  }

  @Override
  public final Stat stat() {
    long size = size();
    long blocks = pages() * (MemoryAccount.PAGE / 512);
    synchronized (this) {
      return new Stat(
          fileSystem.device(),
          number,
          type | mode,
          links,
          uid,
          gid,
          rdev(),
          size,
          MemoryAccount.PAGE,
          blocks,
          atime,
          mtime,
          ctime,
          btime);
    }
  }

  @Override
  public final boolean hasFlags() {
    return type == S_IFREG || type == S_IFDIR;
  }

  @Override
  public final int flags() {
    return flags;
  }

  @Override
  public final void setFlags(int flags) {
    this.flags = flags;
    touchChanged();
  }

  /** Takes over what new files have from their directory. */
  final void inheritFlags(TmpfsInode directory) {
    flags = directory.flags & FileFlags.INHERITED;
  }

  final long number() {
    return number;
  }

  final synchronized int links() {
    return links;
  }

  /** Changes the number of links; the tree's lock is held. */
  final void addLinks(int more) {
    synchronized (this) {
      links += more;
      ctime = TmpfsFileSystem.now();
    }
    if (more < 0) {
      freeIfUnused();
    }
  }

  /** Takes note of an open description; ENOENT if the file is gone already. */
  final synchronized void entered() throws ErrnoException {
    if (freed) {
      throw ErrnoException.of(Errno.ENOENT);
    }
    users++;
  }

  /** An open description is gone. */
  final void left() {
    synchronized (this) {
      users--;
    }
    freeIfUnused();
  }

  private void freeIfUnused() {
    synchronized (this) {
      if (freed || links > 0 || users > 0) {
        return;
      }
      freed = true;
      if (xattrs != null) {
        xattrs.free();
      }
    }
    MemoryAccount.RECORDS.give(RECORD_BYTES);
    Slab.TMPFS_INODE.give(1);
    fileSystem.inodeFreed();
    free();
  }

  /** Frees the data. Called once, without users. */
  void free() {}

  /** Every link is gone, or none was made. */
  final void discard() {
    synchronized (this) {
      links = 0;
    }
    freeIfUnused();
  }

  /** Content or names changed. */
  final synchronized void touchModified() {
    long now = TmpfsFileSystem.now();
    mtime = now;
    ctime = now;
  }

  final synchronized void touchChanged() {
    ctime = TmpfsFileSystem.now();
  }

  final synchronized void touchAccessed() {
    if ((flags & FileFlags.NOATIME) == 0 && RegularFile.isAccessTimeDue(atime, mtime, ctime)) {
      atime = TmpfsFileSystem.now();
    }
  }

  /** Drops the set-ID bits as after a write by somebody unprivileged. */
  final synchronized void dropSetId() {
    mode = RegularFile.withoutSetId(mode);
  }

  /** Whether a change of the mode is allowed; EPERM. */
  void checkMode(int oldMode, int newMode) throws ErrnoException {}

  /** Changes the size of a regular file. */
  void resize(long size) throws ErrnoException {
    throw ErrnoException.of(Errno.EINVAL);
  }

  @Override
  public final void setAttributes(AttributeChange change) throws ErrnoException {
    if (change.mode() != -1) {
      synchronized (this) {
        checkMode(mode, change.mode());
      }
    }
    if (change.size() != AttributeChange.KEEP) {
      resize(change.size());
    }
    synchronized (this) {
      mode = change.mode() == -1 ? mode : change.mode() & PERMISSIONS;
      uid = change.uid() == -1 ? uid : change.uid();
      gid = change.gid() == -1 ? gid : change.gid();
      atime = change.atime() == AttributeChange.KEEP ? atime : change.atime();
      mtime = change.mtime() == AttributeChange.KEEP ? mtime : change.mtime();
      ctime = TmpfsFileSystem.now();
    }
  }

  @Override
  public final byte[] getXattr(String name) throws ErrnoException {
    Xattrs.checkName(name);
    synchronized (this) {
      if (xattrs == null) {
        throw ErrnoException.of(Errno.ENODATA);
      }
      return xattrs.get(name);
    }
  }

  @Override
  public final void setXattr(String name, byte[] value, int flags) throws ErrnoException {
    Xattrs.checkName(name);
    synchronized (this) {
      if (freed) {
        throw ErrnoException.of(Errno.ENOENT);
      }
      Xattrs present = xattrs == null ? new Xattrs() : xattrs;
      present.set(name, value, flags);
      xattrs = present;
      ctime = TmpfsFileSystem.now();
    }
  }

  @Override
  public final void removeXattr(String name) throws ErrnoException {
    Xattrs.checkName(name);
    synchronized (this) {
      if (xattrs == null) {
        throw ErrnoException.of(Errno.ENODATA);
      }
      xattrs.remove(name);
      ctime = TmpfsFileSystem.now();
    }
  }

  @Override
  public final synchronized List<String> listXattr() {
    return xattrs == null ? List.of() : xattrs.names();
  }
}
