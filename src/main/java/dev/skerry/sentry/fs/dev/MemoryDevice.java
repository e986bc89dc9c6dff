package dev.skerry.sentry.fs.dev;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.usermem.IoBuffer;
import dev.skerry.sentry.vfs.PlacedFile;
import dev.skerry.sentry.vfs.VfsPath;

/**
 * What the memory devices have in common: they know no positions and are always ready. All that is
 * written is gone.
 */
abstract class MemoryDevice extends PlacedFile {
  private static final int SEEK_END = 2;

  MemoryDevice(VfsPath path, int flags) {
    super(path, flags);
  }

  @Override
  protected void release() {}

  @Override
  public abstract long read(IoBuffer target);

  @Override
  public final long pread(IoBuffer target, long offset) {
    return read(target);
  }

  @Override
  public long write(IoBuffer source) {
    return source.remaining();
  }

  @Override
  public final long pwrite(IoBuffer source, long offset) {
    return write(source);
  }

  @Override
  public long seek(long offset, int whence) {
    return whence < 0 || whence > SEEK_END ? -Errno.EINVAL : 0;
  }
}
