package dev.skerry.sentry.loader;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.usermem.IoBuffer;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.OpenFlags;
import dev.skerry.sentry.vfs.Stat;
import java.util.Arrays;

/** An open file with the given content. */
final class BytesFile extends OpenFileDescription {
  private static final int HEAD = 1024;

  private final byte[] content;

  BytesFile(byte[] content) {
    super(OpenFlags.O_RDONLY);
    this.content = content;
  }

  /** As the loader has it open; its place is of no meaning. */
  static ExecutableFile executable(byte[] content, dev.skerry.sentry.vfs.VfsPath place) {
    BytesFile file = new BytesFile(content);
    return new ExecutableFile(place, file, file.stat(), Arrays.copyOf(content, HEAD));
  }

  @Override
  protected void release() {}

  @Override
  public String displayName() {
    return "bytes";
  }

  @Override
  public Stat stat() {
    return new Stat(1, 1, 0100755, 1, 0, 0, 0, content.length, 4096, 0, 0, 0, 0, 0);
  }

  @Override
  public long pread(IoBuffer target, long offset) {
    if (offset < 0) {
      return -Errno.EINVAL;
    }
    if (offset >= content.length) {
      return 0;
    }
    int length = (int) Math.min(target.remaining(), content.length - offset);
    return target.put(content, (int) offset, length);
  }
}
