package dev.skerry.sentry.fs.tty;

import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.vfs.PathNames;
import dev.skerry.sentry.vfs.Stat;
import dev.skerry.sentry.vfs.VfsPath;

/** A device file that a terminal was opened through. */
record DevicePlace(VfsPath path) implements Place {
  @Override
  public String name() {
    return PathNames.ofOpenFile(path);
  }

  @Override
  public Stat stat() throws ErrnoException {
    return path.inode().stat();
  }
}
