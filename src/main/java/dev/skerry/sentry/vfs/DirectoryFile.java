package dev.skerry.sentry.vfs;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.slab.Slab;
import dev.skerry.sentry.usermem.IoBuffer;
import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An open directory. Its entries are those of the first reading, or of the first after going back
 * to the start; positions count them.
 */
public final class DirectoryFile extends PlacedFile {
  private static final int SEEK_SET = 0;
  private static final int SEEK_CUR = 1;
  private static final int SEEK_END = 2;
  private static final int DT_DIR = 4;

  // Guarded by this.
  private @Nullable List<DirectoryEntry> entries;
  private long position;

  /** By table of descriptors, who is told of what happens here; null for nobody. */
  private @Nullable IdentityHashMap<Object, FileWatch> notices;

  DirectoryFile(VfsPath path, int flags) {
    super(path, flags);
  }

  @Override
  protected synchronized void release() {
    forget();
    // A table may have asked for notices while it closed its descriptor.
    IdentityHashMap<Object, FileWatch> left = notices;
    if (left != null) {
      List.copyOf(left.keySet()).forEach(this::removeNotice);
    }
  }

  /**
   * Has a watch told of what happens here, until the table closes a descriptor of this file.
   *
   * @return the one that the table has already, which stays, or null
   */
  public synchronized @Nullable FileWatch addNotice(Object table, FileWatch notice) {
    IdentityHashMap<Object, FileWatch> present = notices;
    if (present == null) {
      present = new IdentityHashMap<>();
      notices = present;
    }
    FileWatch before = present.putIfAbsent(table, notice);
    if (before == null) {
      inode().addWatch(notice);
    }
    return before;
  }

  /** Undoes {@link #addNotice}. */
  public synchronized void removeNotice(Object table) {
    IdentityHashMap<Object, FileWatch> present = notices;
    FileWatch notice = present == null ? null : present.remove(table);
    if (notice != null) {
      inode().removeWatch(notice);
      Slab.DIRECTORY_NOTICE.give(1);
    }
  }

  @Override
  protected void flush(Object table) {
    removeNotice(table);
  }

  private void forget() {
    List<DirectoryEntry> listed = entries;
    if (listed != null) {
      Slab.DIRECTORY_ENTRY.give(listed.size());
      entries = null;
    }
  }

  @Override
  public long read(IoBuffer target) {
    return -Errno.EISDIR;
  }

  @Override
  public long pread(IoBuffer target, long offset) {
    return -Errno.EISDIR;
  }

  @Override
  public synchronized long seek(long offset, int whence) {
    long target;
    switch (whence) {
      case SEEK_SET -> target = offset;
      case SEEK_CUR -> target = position + offset;
      case SEEK_END -> {
        if (!inode().fileSystem().hasDirectoryEnds()) {
          return -Errno.EINVAL;
        }
        // A directory of /proc or /sys has no size.
        target = offset;
      }
      default -> {
        return -Errno.EINVAL;
      }
    }
    if (target < 0) {
      return -Errno.EINVAL;
    }
    if (target == 0) {
      forget();
    }
    position = target;
    return target;
  }

  @Override
  public long readDirectory(DirectorySink sink) {
    try {
      long listed = list(sink);
      if (listed == 0) {
        FileEvents.ofFile(path(), FileEvents.ACCESS);
      }
      return listed;
    } catch (ErrnoException e) {
      return e.result();
    }
  }

  private synchronized long list(DirectorySink sink) throws ErrnoException {
    if (path().dentry().isDeleted()) {
      return -Errno.ENOENT;
    }
    List<DirectoryEntry> listed = entries;
    if (listed == null) {
      listed = path().dentry().entries();
      if (!Slab.DIRECTORY_ENTRY.take(listed.size())) {
        return -Errno.ENOMEM;
      }
      entries = listed;
    }
    while (position < listed.size() + 2L) {
      int index = (int) position;
      boolean taken;
      if (index == 0) {
        taken = sink.entry(".", inode().stat().ino(), DT_DIR, 1);
      } else if (index == 1) {
        taken = sink.entry("..", parentNumber(), DT_DIR, 2);
      } else {
        DirectoryEntry entry = listed.get(index - 2);
        taken = sink.entry(entry.name(), entry.ino(), entry.type(), position + 1);
      }
      if (!taken) {
        break;
      }
      position++;
    }
    return 0;
  }

  private long parentNumber() throws ErrnoException {
    Dentry parent = path().dentry().parent();
    return (parent == null ? inode() : parent.inode()).stat().ino();
  }

  @Override
  public long sync(boolean dataOnly) {
    return 0;
  }

  @Override
  public boolean hasSpliceRead() {
    return false;
  }

  @Override
  public boolean hasSpliceWrite() {
    return false;
  }
}
