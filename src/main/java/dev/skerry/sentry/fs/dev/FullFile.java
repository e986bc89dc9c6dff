package dev.skerry.sentry.fs.dev;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.usermem.IoBuffer;
import dev.skerry.sentry.vfs.VfsPath;

/** /dev/full: like /dev/zero to read, like a full disk to write. */
final class FullFile extends MemoryDevice {
  FullFile(VfsPath path, int flags) {
    super(path, flags);
  }

  @Override
  public long read(IoBuffer target) {
    return ZeroFile.readZeros(target);
  }

  @Override
  public long write(IoBuffer source) {
    return -Errno.ENOSPC;
  }

  @Override
  public boolean hasSpliceWrite() {
    return false;
  }
}
