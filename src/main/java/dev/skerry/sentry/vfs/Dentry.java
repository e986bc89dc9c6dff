package dev.skerry.sentry.vfs;

import dev.skerry.sentry.ErrnoException;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * A name in the tree with the file that it stands for, or with the knowledge that there is none.
 * The root of a file system has no parent. A directory knows its children weakly: they live as long
 * as somebody uses them or the {@link DentryCache} keeps them, and a child keeps its parents. So
 * whoever holds a place is always found again by a walk to it. Linux: struct dentry.
 *
 * <p>The monitor of a directory's dentry serialises the changes of names in it, file system calls
 * included; hits take no lock.
 */
public final class Dentry {
  /** Found in the parent's table until nobody needs the dentry. */
  static final class Link extends WeakReference<Dentry> {
    private final ConcurrentHashMap<String, Link> table;
    private final String key;

    Link(
        Dentry dentry,
        ConcurrentHashMap<String, Link> table,
        String key,
        ReferenceQueue<Dentry> queue) {
      super(dentry, queue);
      this.table = table;
      this.key = key;
    }

    /** Takes the entry of a dentry that was collected out of its table. */
    void forget() {
      table.remove(key, this);
    }
  }

  /** Directory and name at one moment. */
  record Place(@Nullable Dentry parent, String name) {}

  private static final AtomicIntegerFieldUpdater<Dentry> OPEN_FILES =
      AtomicIntegerFieldUpdater.newUpdater(Dentry.class, "openFiles");

  private final @Nullable Inode inode;
  private volatile Place place;
  private volatile @Nullable ConcurrentHashMap<String, Link> children;

  /** The name is gone (unlink(2), rmdir(2)), or another file has it now. */
  private volatile boolean unhashed;

  private volatile int openFiles;

  /** Made with O_TMPFILE, to be given a name later. */
  volatile boolean linkable;

  /** How many mounts have this as their place, in whatever tree. Guarded by {@link MountTable}. */
  volatile int mounts;

  /** Used since the cache last came by. Races only make the cache less exact. */
  boolean referenced;

  /** Mount points in this directory that its file system does not have. Never changed in place. */
  private volatile List<Dentry> points = List.of();

  // The cache's list; guarded by DentryCache.
  @Nullable Dentry newer;
  @Nullable Dentry older;
  boolean listed;

  /** Counts the changes of names in this directory. Guarded by this. */
  private int changes;

  Dentry(@Nullable Dentry parent, String name, @Nullable Inode inode) {
    this.place = new Place(parent, name);
    this.inode = inode;
  }

  public Inode inode() {
    Inode present = inode;
    if (present == null) {
      throw new IllegalStateException("no file is named " + name());
    }
    return present;
  }

  /** Whether there is no file of this name. Such dentries stay within this package. */
  boolean isNegative() {
    return inode == null;
  }

  boolean hasInode(@Nullable Inode other) {
    return inode == other || (inode != null && inode.equals(other));
  }

  public String name() {
    return place.name;
  }

  /** The directory; null for the root of a file system. */
  public @Nullable Dentry parent() {
    return place.parent;
  }

  Place place() {
    return place;
  }

  /** Whether the name is gone; /proc shows such a file as "(deleted)". */
  public boolean isDeleted() {
    return unhashed;
  }

  void setDeleted() {
    unhashed = true;
  }

  void opened() {
    OPEN_FILES.incrementAndGet(this);
  }

  void closed() {
    OPEN_FILES.decrementAndGet(this);
  }

  /** Whether files that were opened by this name are open. */
  boolean isOpen() {
    return openFiles > 0;
  }

  /** Whether something is mounted here, perhaps in another tree. */
  boolean isMountPoint() {
    return mounts > 0;
  }

  /** Whether it is there only to be mounted on. */
  boolean isPoint() {
    return MountPointFileSystem.isPoint(inode);
  }

  /** Whether there are such in the directory: it is not empty then. */
  boolean hasPoints() {
    return !points.isEmpty();
  }

  /** Adds a mount point; the caller holds the monitor. */
  void addPoint(Dentry point) {
    List<Dentry> longer = new ArrayList<>(points);
    longer.add(point);
    points = List.copyOf(longer);
  }

  /** All names in the directory but "." and "..". */
  public List<DirectoryEntry> entries() throws ErrnoException {
    List<DirectoryEntry> found = inode().entries();
    List<Dentry> added = points;
    if (added.isEmpty()) {
      return found;
    }
    Map<String, DirectoryEntry> all = new LinkedHashMap<>();
    for (DirectoryEntry entry : found) {
      all.put(entry.name(), entry);
    }
    for (Dentry point : added) {
      Stat stat = point.inode().stat();
      all.put(
          point.name(), new DirectoryEntry(point.name(), stat.ino(), point.inode().type() >> 12));
    }
    return List.copyOf(all.values());
  }

  /** Whether the dentry is {@code other} or above it in the same file system. */
  boolean isAboveOrAt(Dentry other) {
    for (Dentry at = other; at != null; at = at.parent()) {
      if (at == this) {
        return true;
      }
    }
    return false;
  }

  @Nullable Dentry child(String childName) {
    ConcurrentHashMap<String, Link> table = children;
    if (table == null) {
      return null;
    }
    Link link = table.get(childName);
    return link == null ? null : link.get();
  }

  /** The children that are known now. */
  List<Dentry> children() {
    ConcurrentHashMap<String, Link> table = children;
    List<Dentry> all = new ArrayList<>();
    if (table != null) {
      for (Link link : table.values()) {
        Dentry child = link.get();
        if (child != null) {
          all.add(child);
        }
      }
    }
    return all;
  }

  /** Puts the child under its name, in place of another. The caller holds the monitor. */
  void put(Dentry child, ReferenceQueue<Dentry> queue) {
    ConcurrentHashMap<String, Link> table = children;
    if (table == null) {
      table = new ConcurrentHashMap<>(4);
      children = table;
    }
    table.put(child.name(), new Link(child, table, child.name(), queue));
  }

  void remove(String childName) {
    ConcurrentHashMap<String, Link> table = children;
    if (table != null) {
      table.remove(childName);
    }
  }

  /** Gives the dentry another place; the caller has taken it out of the table of the former one. */
  void move(@Nullable Dentry parent, String name) {
    place = new Place(parent, name);
  }

  synchronized int changes() {
    return changes;
  }

  /** Notes a change; the caller holds the monitor. */
  void changed() {
    changes++;
  }
}
