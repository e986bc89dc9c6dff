package dev.skerry.sentry.vfs.synthetic;

import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.vfs.FileSystem;
import dev.skerry.sentry.vfs.StatFs;
import java.util.concurrent.atomic.AtomicLong;

/** A file system whose files exist only while somebody looks. */
public abstract class GeneratedFileSystem extends FileSystem {
  private static final int BLOCK_SIZE = 4096;
  private static final int LONGEST_NAME = 255;

  /** The root's inode number. */
  protected static final long ROOT_NUMBER = 1;

  private final String type;
  private final long magic;
  private final long device;
  private final long time;
  private final AtomicLong nextNumber = new AtomicLong(ROOT_NUMBER + 1);

  /**
   * @param magic what statfs(2) tells (include/uapi/linux/magic.h)
   * @param device what stat(2) tells
   * @param time of all its files, in nanoseconds since the epoch
   */
  protected GeneratedFileSystem(String type, long magic, long device, long time) {
    this.type = type;
    this.magic = magic;
    this.device = device;
    this.time = time;
  }

  @Override
  public final String type() {
    return type;
  }

  @Override
  public final StatFs statFs() {
    return new StatFs(magic, BLOCK_SIZE, 0, 0, 0, 0, 0, device, LONGEST_NAME, BLOCK_SIZE);
  }

  @Override
  public boolean hasDirectoryEnds() {
    return true;
  }

  public final long device() {
    return device;
  }

  final long time() {
    return time;
  }

  /** A number for an inode that is made once. */
  public final long nextNumber() {
    return nextNumber.getAndIncrement();
  }

  /**
   * Why a guest cannot make or remove a name here.
   *
   * @param usual the error that most such file systems give
   */
  protected ErrnoException refusal(int usual) {
    return ErrnoException.of(usual);
  }
}
