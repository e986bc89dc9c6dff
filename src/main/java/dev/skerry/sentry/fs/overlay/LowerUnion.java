package dev.skerry.sentry.fs.overlay;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.vfs.DirectoryEntry;
import dev.skerry.sentry.vfs.FileSystem;
import dev.skerry.sentry.vfs.Inode;
import dev.skerry.sentry.vfs.Stat;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Directories of several layers as one that is only read: the upper ones' names come first, and
 * their whiteouts and opaque directories hide what is below (Linux's
 * Documentation/filesystems/overlayfs).
 */
final class LowerUnion extends Inode {
  private static final byte YES = 'y';

  /** Marks a directory that hides those below. */
  static final String OPAQUE = "trusted.overlay.opaque";

  private static final String USER_OPAQUE = "user.overlay.opaque";

  /** The uppermost first; at least one. */
  private final List<Inode> layers;

  /** Whether the first is of the upper layer. */
  private final boolean upperFirst;

  LowerUnion(List<Inode> layers, boolean upperFirst) {
    this.layers = List.copyOf(layers);
    this.upperFirst = upperFirst;
  }

  /** What is below the upper layer; null for nothing. */
  @Nullable LowerUnion belowUpper() {
    if (!upperFirst) {
      return this;
    }
    return layers.size() == 1 ? null : new LowerUnion(layers.subList(1, layers.size()), false);
  }

  private Inode top() {
    return layers.getFirst();
  }

  @Override
  public FileSystem fileSystem() {
    return top().fileSystem();
  }

  @Override
  public int type() {
    return S_IFDIR;
  }

  @Override
  public Stat stat() throws ErrnoException {
    return top().stat();
  }

  @Override
  public @Nullable Inode lookup(String name) throws ErrnoException {
    List<Inode> found = new ArrayList<>();
    boolean upper = false;
    for (Inode layer : layers) {
      Inode file = layer.lookup(name);
      if (file == null) {
        continue;
      }
      if (!file.isDirectory()) {
        boolean shows = found.isEmpty() && !isWhiteout(file);
        return shows ? file : found.isEmpty() ? null : new LowerUnion(found, upper);
      }
      found.add(file);
      upper |= upperFirst && layer == top();
      if (isOpaque(file)) {
        break;
      }
    }
    return found.isEmpty() ? null : new LowerUnion(found, upper);
  }

  /** A character device 0:0 stands for a name that is gone. */
  private static boolean isWhiteout(Inode file) throws ErrnoException {
    return file.type() == S_IFCHR && file.stat().rdev() == 0;
  }

  private static boolean isOpaque(Inode directory) throws ErrnoException {
    for (String name : new String[] {OPAQUE, USER_OPAQUE}) {
      try {
        byte[] value = directory.getXattr(name);
        if (value.length == 1 && value[0] == YES) {
          return true;
        }
      } catch (ErrnoException e) {
        if (e.errno() != Errno.ENODATA && e.errno() != Errno.EOPNOTSUPP) {
          throw e;
        }
      }
    }
    return false;
  }

  @Override
  public List<DirectoryEntry> entries() throws ErrnoException {
    Map<String, DirectoryEntry> all = new LinkedHashMap<>();
    Set<String> hidden = new HashSet<>();
    for (Inode layer : layers) {
      for (DirectoryEntry entry : layer.entries()) {
        String name = entry.name();
        if (hidden.contains(name) || all.containsKey(name)) {
          continue;
        }
        Inode file = entry.type() == S_IFCHR >>> 12 ? layer.lookup(name) : null;
        if (file != null && isWhiteout(file)) {
          hidden.add(name);
        } else {
          all.put(name, entry);
        }
      }
    }
    return List.copyOf(all.values());
  }

  @Override
  public byte[] getXattr(String name) throws ErrnoException {
    return top().getXattr(name);
  }

  @Override
  public List<String> listXattr() throws ErrnoException {
    return top().listXattr();
  }
}
