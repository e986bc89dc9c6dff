package dev.skerry.sentry.fs.tmpfs;

import dev.skerry.abi.Errno;
import dev.skerry.hostos.Host;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.vfs.AnonymousDevices;
import dev.skerry.sentry.vfs.FileSystem;
import dev.skerry.sentry.vfs.Inode;
import dev.skerry.sentry.vfs.MemoryAccount;
import dev.skerry.sentry.vfs.Owner;
import dev.skerry.sentry.vfs.StatFs;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A tmpfs (tmpfs(5)). */
public final class TmpfsFileSystem extends FileSystem {
  private static final long TMPFS_MAGIC = 0x0102_1994;
  private static final int MOST_NAME_BYTES = 255;
  private static final int CLOCK_REALTIME = 0;

  private final TmpfsOptions options;
  private final MemoryAccount pages;
  private final MemoryAccount inodes;
  private final long device = AnonymousDevices.next();
  private final AtomicLong lastNumber = new AtomicLong();
  private final Object tree = new Object();
  private final TmpfsDirectory root;
  private final long mostFileBytes;

  /**
   * @param data the pages that all files in memory of the sandbox may have together; null if only
   *     the options limit them
   * @throws ErrnoException ENOSPC
   */
  public TmpfsFileSystem(TmpfsOptions options, @Nullable MemoryAccount data) throws ErrnoException {
    this(options, data, Long.MAX_VALUE);
  }

  /** As the other, for files that are no longer than those of a disk. */
  public TmpfsFileSystem(TmpfsOptions options, @Nullable MemoryAccount data, long mostFileBytes)
      throws ErrnoException {
    this.options = options;
    this.mostFileBytes = mostFileBytes;
    this.pages = new MemoryAccount(options.sizePages(), data);
    this.inodes = new MemoryAccount(options.mostInodes(), null);
    this.root = TmpfsDirectory.root(this, options.mode(), new Owner(options.uid(), options.gid()));
  }

  /** How many of the sentry's descriptors the data of files that nobody has open may take. */
  public static void limitDescriptors(int most) {
    IdleContents.SHARED.limit(most);
  }

  /** The time in nanoseconds since the epoch. */
  static long now() {
    return Host.os().clockGetTime(CLOCK_REALTIME);
  }

  @Override
  public String type() {
    return "tmpfs";
  }

  @Override
  public Inode root() {
    return root;
  }

  @Override
  public long mostFileBytes() {
    return mostFileBytes;
  }

  @Override
  public String source() {
    return "tmpfs";
  }

  @Override
  public String options() {
    return options.shown();
  }

  @Override
  public StatFs statFs() {
    long size = pages.limit();
    boolean sized = size != TmpfsOptions.UNLIMITED;
    boolean counted = options.mostInodes() != TmpfsOptions.UNLIMITED;
    long free = sized ? Math.max(0, pages.free()) : 0;
    return new StatFs(
        TMPFS_MAGIC,
        MemoryAccount.PAGE,
        sized ? size : 0,
        free,
        free,
        counted ? options.mostInodes() : 0,
        counted ? Math.max(0, inodes.free()) : 0,
        device,
        MOST_NAME_BYTES,
        MemoryAccount.PAGE);
  }

  /** Frees all data; nobody has a file open. */
  @Override
  public void release() {
    synchronized (tree) {
      root.releaseTree();
    }
  }

  /** Guards all names and link counts. */
  Object tree() {
    return tree;
  }

  MemoryAccount pages() {
    return pages;
  }

  long device() {
    return device;
  }

  /** The number of a new inode, which is counted; ENOSPC. */
  long nextNumber() throws ErrnoException {
    inodeTaken();
    return lastNumber.incrementAndGet();
  }

  /** Counts one inode more, or one more name of an inode; ENOSPC. */
  void inodeTaken() throws ErrnoException {
    if (!inodes.takeAll(1)) {
      throw ErrnoException.of(Errno.ENOSPC);
    }
  }

  void inodeFreed() {
    inodes.give(1);
  }
}
