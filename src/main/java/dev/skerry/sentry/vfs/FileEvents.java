package dev.skerry.sentry.vfs;

import dev.skerry.sentry.ErrnoException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Tells those who watch a file, or the directory with its name, what happens to it. Without watches
 * that costs two looks at the inodes. Linux: include/linux/fsnotify.h, fs/notify/fsnotify.c.
 */
public final class FileEvents {
  // The bits of inotify(7).
  public static final int ACCESS = 0x1;
  public static final int MODIFY = 0x2;
  public static final int ATTRIB = 0x4;
  public static final int CLOSE_WRITE = 0x8;
  public static final int CLOSE_NOWRITE = 0x10;
  public static final int OPEN = 0x20;
  public static final int MOVED_FROM = 0x40;
  public static final int MOVED_TO = 0x80;
  public static final int CREATE = 0x100;
  public static final int DELETE = 0x200;
  public static final int DELETE_SELF = 0x400;
  public static final int MOVE_SELF = 0x800;
  public static final int UNMOUNT = 0x2000;

  /** A name of the directory is another one now: told beside the two moves, but not to inotify. */
  public static final int RENAME = 0x1000_0000;

  public static final int ISDIR = 0x4000_0000;

  private static final AtomicInteger COOKIES = new AtomicInteger();

  private FileEvents() {}

  /** Bytes were read from the open file. */
  public static void accessed(OpenFileDescription file) {
    VfsPath path = file.path();
    if (path != null) {
      ofFile(path, ACCESS);
    }
  }

  /** Bytes were written to the open file. */
  public static void modified(OpenFileDescription file) {
    VfsPath path = file.path();
    if (path != null) {
      ofFile(path, MODIFY);
    }
  }

  /** Attributes or the length were changed, by name or not: {@link #ATTRIB}, {@link #MODIFY}. */
  public static void changed(VfsPath path, int events) {
    tell(path.dentry(), events, false);
  }

  static void ofFile(VfsPath path, int event) {
    Dentry dentry = path.dentry();
    tell(dentry, event, dentry.isDeleted());
  }

  private static void tell(Dentry dentry, int events, boolean unlinked) {
    Inode inode = dentry.inode();
    Dentry.Place place = dentry.place();
    Dentry parent = place.parent();
    FileWatch @Nullable [] above = parent == null ? null : parent.inode().watches();
    FileWatch @Nullable [] own = inode.watches();
    if (above == null && own == null) {
      return;
    }
    int told = withType(events, inode);
    if (above != null && !isHidden(inode, events)) {
      tell(above, told, place.name(), 0, unlinked);
    }
    if (own != null) {
      tell(own, told, null, 0, unlinked);
    }
  }

  /** What goes through devices and FIFOs is not told to those who may only read the directory. */
  private static boolean isHidden(Inode inode, int events) {
    return (events & (ACCESS | MODIFY)) != 0 && !inode.isRegular() && !inode.isDirectory();
  }

  private static int withType(int events, Inode inode) {
    return inode.isDirectory() ? events | ISDIR : events;
  }

  private static void tell(
      FileWatch[] watches, int events, @Nullable String name, int cookie, boolean unlinked) {
    for (FileWatch watch : watches) {
      watch.happened(events, name, cookie, unlinked);
    }
  }

  /** Tells those who watch the file itself. */
  static void ofInode(Inode inode, int event) {
    FileWatch @Nullable [] own = inode.watches();
    if (own != null) {
      tell(own, withType(event, inode), null, 0, false);
    }
  }

  private static void ofName(Dentry directory, int event, Inode file, String name, int cookie) {
    FileWatch @Nullable [] above = directory.inode().watches();
    if (above != null) {
      tell(above, withType(event, file), name, cookie, false);
    }
  }

  /** The directory has a new name. */
  static void created(Dentry directory, Dentry made) {
    ofName(directory, CREATE, made.inode(), made.name(), 0);
  }

  /** The name is gone, and perhaps the file with it. */
  static void removed(Dentry directory, Dentry child) {
    Inode inode = child.inode();
    if (!inode.isDirectory()) {
      ofInode(inode, ATTRIB);
    }
    unused(child);
    ofName(directory, DELETE, inode, child.name(), 0);
  }

  /**
   * A name has moved.
   *
   * @param moved at its new place
   * @param replaced what had that name before, or null
   */
  static void moved(Dentry from, String name, Dentry moved, @Nullable Dentry replaced) {
    int cookie = COOKIES.incrementAndGet();
    Dentry.Place place = moved.place();
    Inode inode = moved.inode();
    if (place.parent() == from) {
      ofName(from, RENAME, inode, name, 0);
    }
    ofName(from, MOVED_FROM, inode, name, cookie);
    if (place.parent() != null) {
      ofName(place.parent(), MOVED_TO, inode, place.name(), cookie);
    }
    if (replaced != null) {
      ofInode(replaced.inode(), ATTRIB);
    }
    ofInode(inode, MOVE_SELF);
    if (replaced != null) {
      unused(replaced);
    }
  }

  /**
   * The name is gone, or its last open file is closed: with both, and no other name, the file is no
   * more. Linux: dentry_unlink_inode().
   */
  static void unused(Dentry dentry) {
    Inode inode = dentry.inode();
    if (inode.watches() == null || !dentry.isDeleted() || dentry.isOpen() || hasNames(inode)) {
      return;
    }
    end(inode, DELETE_SELF);
  }

  private static boolean hasNames(Inode inode) {
    if (inode.isDirectory()) {
      return false;
    }
    try {
      return inode.stat().nlink() > 0;
    } catch (ErrnoException e) {
      return false;
    }
  }

  /** The file goes out of reach; each watch ends. */
  static void end(Inode inode, int event) {
    FileWatch @Nullable [] last = inode.takeWatches();
    if (last != null) {
      tell(last, withType(event, inode), null, 0, false);
      for (FileWatch watch : last) {
        watch.ended();
      }
    }
  }
}
