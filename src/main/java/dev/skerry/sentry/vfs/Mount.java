package dev.skerry.sentry.vfs;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.UserNamespace;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A file system (or a part of one) at its place in a tree of mounts. Linux: struct mount. */
public final class Mount {
  public static final int MS_RDONLY = 1;
  public static final int MS_NOSUID = 2;
  public static final int MS_NODEV = 4;
  public static final int MS_NOEXEC = 8;
  public static final int MS_NOSYMFOLLOW = 256;
  public static final int MS_NOATIME = 1024;
  public static final int MS_NODIRATIME = 2048;
  public static final int MS_STRICTATIME = 1 << 24;

  /** How access times are kept; without any of these "relatime". */
  public static final int ACCESS_TIMES = MS_NOATIME | MS_NODIRATIME | MS_STRICTATIME;

  /** What is added to the numbers of mountinfo to make those that are never used again. */
  private static final long UNIQUE_OFFSET = 1L << 31;

  private final int id;
  private final FileSystem fileSystem;
  private final Dentry root;
  private final String source;
  private volatile int flags;
  private volatile @Nullable VfsPath point;
  private volatile @Nullable MountNamespace namespace;
  private final AtomicInteger openFiles = new AtomicInteger();
  private final AtomicInteger writers = new AtomicInteger();

  /** What is mounted on this one; changed under {@link MountTable}, read by walks without. */
  private volatile @Nullable ConcurrentHashMap<Dentry, Mount> children;

  // Guarded by MountTable.
  private @Nullable PeerGroup peers;
  private @Nullable PeerGroup master;
  private boolean unbindable;
  private boolean expiring;

  /** Whether it cannot be unmounted or moved, for it may hide something (MNT_LOCKED). */
  private boolean locked;

  /** The flags that cannot be taken off, NOATIME among them if it cannot be changed (MNT_LOCK_). */
  private int lockedFlags;

  /**
   * @param root what appears at the mount point
   * @param source as /proc/mounts shows it
   * @param flags of mount(2)
   */
  Mount(int id, FileSystem fileSystem, Dentry root, String source, int flags) {
    this.id = id;
    this.fileSystem = fileSystem;
    this.root = root;
    this.source = source;
    this.flags = flags;
  }

  /** The number in /proc/PID/mountinfo. */
  public int id() {
    return id;
  }

  /** Whether it is the kernel's own, in no tree and without a number. Linux: MNT_INTERNAL. */
  boolean isInternal() {
    return id == 0;
  }

  /** The number of statmount(2), which is never used again. */
  public long uniqueId() {
    return UNIQUE_OFFSET + id;
  }

  public FileSystem fileSystem() {
    return fileSystem;
  }

  public Dentry root() {
    return root;
  }

  public String source() {
    return source;
  }

  public int flags() {
    return flags;
  }

  void setFlags(int newFlags) {
    flags = newFlags;
    changed();
  }

  /** Tells those who watch the tree. */
  void changed() {
    MountNamespace tree = namespace;
    if (tree != null) {
      tree.changes().happened();
    }
  }

  /** Where it is mounted; null for the root of a namespace, and after umount(2). */
  public @Nullable VfsPath point() {
    return point;
  }

  void setPoint(@Nullable VfsPath place) {
    point = place;
    changed();
  }

  /** The tree that it belongs to; null while it is in none. */
  public @Nullable MountNamespace namespace() {
    return namespace;
  }

  void setNamespace(@Nullable MountNamespace tree) {
    namespace = tree;
    changed();
  }

  /** What is mounted at a place of this mount, or null. */
  @Nullable Mount childAt(Dentry dentry) {
    ConcurrentHashMap<Dentry, Mount> known = children;
    return known == null ? null : known.get(dentry);
  }

  void putChild(Dentry dentry, Mount child) {
    ConcurrentHashMap<Dentry, Mount> known = children;
    if (known == null) {
      known = new ConcurrentHashMap<>(4);
      children = known;
    }
    known.put(dentry, child);
  }

  void removeChild(Dentry dentry, Mount child) {
    ConcurrentHashMap<Dentry, Mount> known = children;
    if (known != null && known.remove(dentry, child) && known.isEmpty()) {
      children = null;
    }
  }

  /** What is mounted on this mount, in the order of the numbers. */
  List<Mount> children() {
    ConcurrentHashMap<Dentry, Mount> known = children;
    if (known == null) {
      return List.of();
    }
    List<Mount> all = new ArrayList<>(known.values());
    all.sort((one, other) -> Integer.compare(one.id, other.id));
    return all;
  }

  boolean hasChildren() {
    return children != null;
  }

  /** Whether something is mounted on it besides this. */
  boolean hasChildrenBut(@Nullable Mount child) {
    ConcurrentHashMap<Dentry, Mount> known = children;
    return known != null && known.size() > (child == null ? 0 : 1);
  }

  @Nullable PeerGroup peers() {
    return peers;
  }

  boolean isShared() {
    return peers != null;
  }

  /**
   * Joins a group, or with null leaves the present one.
   *
   * @param before the member after which it is asked, or null
   */
  void setPeers(@Nullable PeerGroup group, @Nullable Mount before) {
    if (peers != null) {
      removeFrom(peers.members());
    }
    peers = group;
    if (group != null) {
      group.members().add(group.members().indexOf(before) + 1, this);
    }
  }

  /**
   * Looks from both ends: many mounts go in the order in which they came, or the other way round.
   */
  private void removeFrom(List<Mount> mounts) {
    for (int first = 0, last = mounts.size() - 1; first <= last; first++, last--) {
      int found = mounts.get(first) == this ? first : mounts.get(last) == this ? last : -1;
      if (found >= 0) {
        mounts.remove(found);
        return;
      }
    }
  }

  @Nullable PeerGroup master() {
    return master;
  }

  /** As {@link #setPeers}: the first slave unless it comes after another. */
  void setMaster(@Nullable PeerGroup group, @Nullable Mount before) {
    if (master != null) {
      removeFrom(master.slaves());
    }
    master = group;
    if (group != null) {
      group.slaves().add(group.slaves().indexOf(before) + 1, this);
    }
  }

  boolean isUnbindable() {
    return unbindable;
  }

  void setUnbindable(boolean refuses) {
    unbindable = refuses;
  }

  boolean isExpiring() {
    return expiring;
  }

  /** Marks it for the next umount2(2) with MNT_EXPIRE, or takes the mark off because it is used. */
  void setExpiring(boolean marked) {
    expiring = marked;
  }

  boolean isLocked() {
    return locked;
  }

  void setLocked(boolean stays) {
    locked = stays;
  }

  int lockedFlags() {
    return lockedFlags;
  }

  void setLockedFlags(int fixed) {
    lockedFlags = fixed;
  }

  /** MS_SHARED and its like, as statmount(2) tells it. */
  public int propagationType() {
    if (unbindable) {
      return MountPropagation.MS_UNBINDABLE;
    }
    int slave = master == null ? 0 : MountPropagation.MS_SLAVE;
    int type = peers == null ? slave : MountPropagation.MS_SHARED | slave;
    return type == 0 ? MountPropagation.MS_PRIVATE : type;
  }

  /** The number of its peer group; 0 for none. */
  public int peerGroup() {
    PeerGroup own = peers;
    return own == null ? 0 : own.id();
  }

  /** The number of the group that it is a slave of; 0 for none. */
  public int masterGroup() {
    PeerGroup above = master;
    return above == null ? 0 : above.id();
  }

  /** The optional fields of mountinfo, each with a blank before it. */
  public String propagation() {
    StringBuilder out = new StringBuilder();
    PeerGroup own = peers;
    PeerGroup above = master;
    if (own != null) {
      out.append(" shared:").append(own.id());
    }
    if (above != null) {
      out.append(" master:").append(above.id());
    }
    if (unbindable) {
      out.append(" unbindable");
    }
    return out.toString();
  }

  void fileOpened(boolean writes) {
    fileSystem.used();
    openFiles.incrementAndGet();
    expiring = false;
    if (writes) {
      writers.incrementAndGet();
      fileSystem.writers.incrementAndGet();
    }
  }

  void fileClosed(boolean writes) {
    if (writes) {
      writers.decrementAndGet();
      fileSystem.writers.decrementAndGet();
    }
    openFiles.decrementAndGet();
    fileSystem.unused();
  }

  /** EBUSY if it cannot become read-only because files are open for writing. */
  void checkMayBe(int newFlags) throws ErrnoException {
    boolean turns = (newFlags & MS_RDONLY) != 0 && (flags & MS_RDONLY) == 0;
    if (turns && writers.get() > 0) {
      throw ErrnoException.of(Errno.EBUSY);
    }
  }

  /** Whether files are open below it. */
  boolean isInUse() {
    return openFiles.get() > 0;
  }

  /** Whether nothing can be changed here: the mount's own flag, or the file system's. */
  public boolean isReadOnly() {
    return (flags & MS_RDONLY) != 0 || fileSystem.isReadOnly();
  }

  public boolean isNoSymfollow() {
    return (flags & MS_NOSYMFOLLOW) != 0;
  }

  public boolean isNoExec() {
    return (flags & MS_NOEXEC) != 0;
  }

  public boolean isNoSuid() {
    return (flags & MS_NOSUID) != 0;
  }

  /** Whether set-ID bits of programs count for members of the user namespace (mnt_may_suid()). */
  public boolean maySetIds(UserNamespace members) {
    return !isNoSuid() && members.isIn(fileSystem.userNamespace());
  }

  public boolean isNoDev() {
    return (flags & MS_NODEV) != 0;
  }

  /**
   * Whether devices can be opened: not where another than the sandbox's root may have made them.
   */
  public boolean allowsDevices() {
    return !isNoDev() && fileSystem.userNamespace() == UserNamespace.INITIAL;
  }
}
