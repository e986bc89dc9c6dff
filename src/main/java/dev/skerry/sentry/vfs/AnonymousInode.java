package dev.skerry.sentry.vfs;

/**
 * The attributes and locks of a file without a name that has an inode of its own: a pipe, a socket.
 * All open ends share it. Linux: an inode of pipefs or sockfs.
 */
public final class AnonymousInode {
  private final FileLocks locks = new FileLocks();
  private volatile Stat stat;

  /**
   * @param device {@link AnonymousInodes#PIPE_DEVICE} or {@link AnonymousInodes#SOCKET_DEVICE}
   * @param mode with the type bits
   * @param time of its making, in nanoseconds since the epoch
   */
  public AnonymousInode(long device, int mode, int uid, int gid, long time) {
    stat = AnonymousInodes.stat(device, AnonymousInodes.nextNumber(), mode, uid, gid, time);
  }

  public long number() {
    return stat.ino();
  }

  public Stat stat() {
    return stat;
  }

  FileLocks locks() {
    return locks;
  }

  /** Sets mode, owners and times. The time of the change is not kept apart. */
  synchronized void setAttributes(AttributeChange change) {
    Stat old = stat;
    stat =
        new Stat(
            old.dev(),
            old.ino(),
            change.mode() < 0 ? old.mode() : old.mode() & Inode.S_IFMT | change.mode(),
            old.nlink(),
            change.uid() == -1 ? old.uid() : change.uid(),
            change.gid() == -1 ? old.gid() : change.gid(),
            old.rdev(),
            old.size(),
            old.blksize(),
            old.blocks(),
            change.atime() == AttributeChange.KEEP ? old.atime() : change.atime(),
            change.mtime() == AttributeChange.KEEP ? old.mtime() : change.mtime(),
            old.ctime(),
            old.btime());
  }
}
