package dev.skerry.sentry.fs.overlay;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.usermem.IoBuffer;
import dev.skerry.sentry.usermem.UserMemory;
import dev.skerry.sentry.vfs.Mount;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.OpenFlags;
import dev.skerry.sentry.vfs.PlacedFile;
import dev.skerry.sentry.vfs.VfsPath;
import org.jspecify.annotations.Nullable;

/**
 * An open regular file of an overlay: it hands everything on to an open file of a layer, first of
 * the lower one, and of the upper one once the file is there. Its monitor guards that, with the
 * position.
 */
final class OverlayFile extends PlacedFile {
  private static final int SEEK_SET = 0;
  private static final int SEEK_CUR = 1;

  private final OverlayInode inode;
  private volatile OpenFileDescription layer;
  private volatile boolean onUpper;

  @GuardedBy("this")
  private @Nullable OpenFileDescription lowerLayer;

  @GuardedBy("this")
  private @Nullable Credentials opener;

  OverlayFile(OverlayInode inode, VfsPath path, int flags) throws ErrnoException {
    super(path, flags);
    this.inode = inode;
    if (inode.isCopiedUp()) {
      this.layer = openUpper();
      this.onUpper = true;
    } else {
      OverlayFileSystem overlay = inode.overlay();
      this.layer = inode.present().open(overlay.lowerPlace(inode.present()), OpenFlags.O_RDONLY);
      this.lowerLayer = layer;
    }
  }

  private OpenFileDescription openUpper() throws ErrnoException {
    int flags = flags();
    if ((path().mount().flags() & (Mount.MS_NOATIME | Mount.MS_RDONLY)) != 0) {
      flags |= OpenFlags.O_NOATIME;
    }
    return inode.present().open(inode.overlay().upperPlace(inode.present()), flags);
  }

  @Override
  public boolean canBeDirect() {
    return true;
  }

  @Override
  public synchronized void openedBy(Credentials credentials) {
    opener = credentials;
    if (layer instanceof PlacedFile placed) {
      placed.openedBy(credentials);
    }
  }

  /** The open file to read from. */
  private OpenFileDescription readable() throws ErrnoException {
    return onUpper || !inode.isCopiedUp() ? layer : upperLayer();
  }

  /** The open file to write to, after a copy-up if need be. */
  private OpenFileDescription writable() throws ErrnoException {
    OpenFileDescription upper = onUpper ? layer : upperLayer();
    // Status flags may have changed since: appending is one.
    int wanted = flags() | (upper.flags() & OpenFlags.O_NOATIME);
    if (upper.flags() != wanted) {
      upper.setFlags(wanted);
    }
    return upper;
  }

  private synchronized OpenFileDescription upperLayer() throws ErrnoException {
    if (onUpper) {
      return layer;
    }
    inode.copyUp();
    OpenFileDescription upper = openUpper();
    if (opener != null && upper instanceof PlacedFile placed) {
      placed.openedBy(opener);
    }
    upper.seek(layer.seek(0, SEEK_CUR), SEEK_SET);
    layer = upper;
    onUpper = true;
    return upper;
  }

  /** The lower file stays open to the end: others may be reading it. */
  @Override
  protected void release() {
    synchronized (this) {
      layer.drop();
      if (lowerLayer != null && lowerLayer != layer) {
        lowerLayer.drop();
      }
    }
    inode.left();
  }

  @Override
  public OpenFileDescription reopen(int flags) throws ErrnoException {
    return inode.open(path(), flags);
  }

  @Override
  public synchronized long read(IoBuffer target) {
    try {
      return readable().read(target);
    } catch (ErrnoException e) {
      return e.result();
    }
  }

  @Override
  public long pread(IoBuffer target, long offset) {
    try {
      return readable().pread(target, offset);
    } catch (ErrnoException e) {
      return e.result();
    }
  }

  @Override
  public synchronized long write(IoBuffer source) {
    try {
      return writable().write(source);
    } catch (ErrnoException e) {
      return e.result();
    }
  }

  @Override
  public long pwrite(IoBuffer source, long offset) {
    try {
      return writable().pwrite(source, offset);
    } catch (ErrnoException e) {
      return e.result();
    }
  }

  @Override
  public long append(IoBuffer source, boolean moves) {
    try {
      OpenFileDescription upper = writable();
      if (!moves) {
        return upper.append(source, false);
      }
      synchronized (this) {
        return upper.append(source, true);
      }
    } catch (ErrnoException e) {
      return e.result();
    }
  }

  @Override
  public synchronized long seek(long offset, int whence) {
    try {
      return readable().seek(offset, whence);
    } catch (ErrnoException e) {
      return e.result();
    }
  }

  @Override
  public synchronized long ioctl(UserMemory memory, int request, long argument) {
    try {
      return readable().ioctl(memory, request, argument);
    } catch (ErrnoException e) {
      return e.result();
    }
  }

  /** What was never changed needs no sync. */
  @Override
  public long sync(boolean dataOnly) {
    return onUpper ? layer.sync(dataOnly) : 0;
  }

  @Override
  public long truncate(long length) {
    try {
      return writable().truncate(length);
    } catch (ErrnoException e) {
      return e.result();
    }
  }

  @Override
  public long allocate(int mode, long offset, long length) {
    try {
      return writable().allocate(mode, offset, length);
    } catch (ErrnoException e) {
      return e.result();
    }
  }

  @Override
  public int mappableHostFd(boolean writable) {
    try {
      return (writable ? writable() : readable()).mappableHostFd(writable);
    } catch (ErrnoException e) {
      return (int) e.result();
    }
  }
}
