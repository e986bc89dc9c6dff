package dev.skerry.sentry.fs.dev;

import dev.skerry.sentry.usermem.IoBuffer;
import dev.skerry.sentry.vfs.VfsPath;

/** /dev/null. */
final class NullFile extends MemoryDevice {
  NullFile(VfsPath path, int flags) {
    super(path, flags);
  }

  @Override
  public long read(IoBuffer target) {
    return 0;
  }

  @Override
  public boolean hasSpliceRead() {
    return false;
  }
}
