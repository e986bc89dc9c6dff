package dev.skerry.sentry.ipc;

import dev.skerry.sentry.auth.Capability;
import dev.skerry.sentry.auth.Credentials;

/**
 * What the three kinds have in common: key, owner, mode. Its monitor guards all. Linux: struct
 * kern_ipc_perm.
 */
public abstract class IpcObject {
  /** Key, owner and mode, as struct ipc_perm tells them. */
  public record Permissions(
      int key, int uid, int gid, int creatorUid, int creatorGid, int mode, int sequence) {}

  private static final int ACCESS = 7;

  private final int id;
  private final int sequence;
  private int key;
  private final int creatorUid;
  private final int creatorGid;
  private int uid;
  private int gid;
  private int mode;
  private boolean removed;
  private long changeTime;

  IpcObject(int id, int sequence, int key, int mode, Credentials creator, long seconds) {
    this.id = id;
    this.sequence = sequence;
    this.key = key;
    this.mode = mode & 0777;
    this.creatorUid = creator.euid();
    this.creatorGid = creator.egid();
    this.uid = creatorUid;
    this.gid = creatorGid;
    this.changeTime = seconds;
  }

  public final int id() {
    return id;
  }

  public final synchronized int key() {
    return key;
  }

  /** A key that finds nothing: for a segment that only waits for its last detachment. */
  final synchronized void forgetKey() {
    key = 0;
  }

  public final synchronized Permissions permissions() {
    return new Permissions(key, uid, gid, creatorUid, creatorGid, mode, sequence);
  }

  final synchronized void removeMode(int bits) {
    mode &= ~bits;
  }

  /** Bits that the kind adds to the mode (SHM_DEST). */
  final synchronized void addMode(int bits) {
    mode |= bits;
  }

  /** Seconds since the epoch. */
  public final synchronized long changeTime() {
    return changeTime;
  }

  final synchronized void touch(long seconds) {
    changeTime = seconds;
  }

  /**
   * Whether the mode or CAP_IPC_OWNER allows the access.
   *
   * @param wanted mode bits in any of the three places, 0400 for reading, 0200 for changing
   */
  public final synchronized boolean allows(Credentials who, int wanted) {
    int requested = (wanted >> 6 | wanted >> 3 | wanted) & ACCESS;
    int granted = mode;
    if (who.euid() == creatorUid || who.euid() == uid) {
      granted >>= 6;
    } else if (inGroup(who, creatorGid) || inGroup(who, gid)) {
      granted >>= 3;
    }
    return (requested & ~granted) == 0 || who.hasCapability(Capability.IPC_OWNER);
  }

  private static boolean inGroup(Credentials who, int group) {
    return who.egid() == group || who.inGroup(group);
  }

  /** Whether the caller may set attributes or remove the object. */
  public final synchronized boolean isOwner(Credentials who) {
    return who.euid() == creatorUid || who.euid() == uid || who.hasCapability(Capability.SYS_ADMIN);
  }

  /** IPC_SET. */
  public final synchronized void setOwner(int newUid, int newGid, int newMode, long seconds) {
    uid = newUid;
    gid = newGid;
    mode = mode & ~0777 | newMode & 0777;
    changeTime = seconds;
  }

  public final synchronized boolean isRemoved() {
    return removed;
  }

  final void remove() {
    synchronized (this) {
      removed = true;
    }
    removed();
  }

  /** The object is out of its table: wakes whoever waits, frees what it holds. */
  protected abstract void removed();
}
