package dev.skerry.sentry.fs.stdio;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.vfs.AnonymousInode;
import dev.skerry.sentry.vfs.AnonymousInodes;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.OpenFlags;
import dev.skerry.sentry.vfs.Stat;
import dev.skerry.sentry.waiter.WaitQueue;

/** What the two kinds of streams have in common: they look like an end of a pipe. */
abstract class StreamFile extends OpenFileDescription {
  static final int FIONREAD = 0x541b;
  private static final int MODE = 0010600;

  final WaitQueue queue = new WaitQueue();
  private final AnonymousInode inode;

  StreamFile(int flags, int uid, int gid, long time) {
    super(flags);
    this.inode = new AnonymousInode(AnonymousInodes.PIPE_DEVICE, MODE, uid, gid, time);
  }

  /** A stream has this one end only: what opens it again reads and writes the same one. */
  @Override
  public final OpenFileDescription reopen(int flags) throws ErrnoException {
    if ((flags & OpenFlags.O_ACCMODE) != (flags() & OpenFlags.O_ACCMODE)) {
      throw ErrnoException.of(Errno.EACCES);
    }
    acquire();
    return new ReopenedStream(this, flags);
  }

  @Override
  public final boolean hasSpliceRead() {
    return true;
  }

  @Override
  public final boolean hasSpliceWrite() {
    return true;
  }

  @Override
  public final String displayName() {
    return "pipe:[" + inode.number() + "]";
  }

  @Override
  public final Stat stat() {
    return inode.stat();
  }

  @Override
  protected final AnonymousInode anonymousInode() {
    return inode;
  }

  @Override
  public final WaitQueue waitQueue() {
    return queue;
  }
}
