package dev.skerry.sentry.ipc;

import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.mm.SharedMemory;

/** A segment of shared memory (shmget(2)), its pages in a memory file of the host's. */
public final class SharedSegment extends IpcObject implements SharedMemory {
  /** Marked to go with its last attachment. */
  public static final int SHM_DEST = 01000;

  /** Asked to stay in memory. */
  public static final int SHM_LOCKED = 02000;

  private final int hostFd;
  private final long size;
  private final int creatorPid;
  private int lastPid;
  private long attachTime;
  private long detachTime;
  private final Runnable release;

  /**
   * @param size in bytes, as asked for
   * @param release closes the host descriptor
   */
  public SharedSegment(
      int id,
      int sequence,
      int key,
      int mode,
      Credentials creator,
      long seconds,
      int hostFd,
      long size,
      int creatorPid,
      Runnable release) {
    super(id, sequence, key, mode, creator, seconds);
    this.hostFd = hostFd;
    this.size = size;
    this.creatorPid = creatorPid;
    this.release = release;
  }

  public int hostFd() {
    return hostFd;
  }

  @Override
  public long size() {
    return size;
  }

  public int creatorPid() {
    return creatorPid;
  }

  public synchronized int lastPid() {
    return lastPid;
  }

  public synchronized long attachTime() {
    return attachTime;
  }

  public synchronized long detachTime() {
    return detachTime;
  }

  public synchronized void attached(int pid, long seconds) {
    lastPid = pid;
    attachTime = seconds;
  }

  public synchronized void detached(int pid, long seconds) {
    lastPid = pid;
    detachTime = seconds;
  }

  /** SHM_LOCK, SHM_UNLOCK: noted, since nothing is swapped out. */
  public void setLocked(boolean locked) {
    if (locked) {
      addMode(SHM_LOCKED);
    } else {
      removeMode(SHM_LOCKED);
    }
  }

  /** IPC_RMID with attachments left. */
  public void markForRemoval() {
    addMode(SHM_DEST);
    forgetKey();
  }

  public boolean isMarkedForRemoval() {
    return (permissions().mode() & SHM_DEST) != 0;
  }

  @Override
  protected void removed() {
    release.run();
  }
}
