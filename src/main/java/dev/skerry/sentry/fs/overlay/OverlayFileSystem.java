package dev.skerry.sentry.fs.overlay;

import dev.skerry.abi.Errno;
import dev.skerry.hostos.Host;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.fs.overlay.UpperStore.Stored;
import dev.skerry.sentry.vfs.AnonymousDevices;
import dev.skerry.sentry.vfs.AttributeChange;
import dev.skerry.sentry.vfs.FileSystem;
import dev.skerry.sentry.vfs.Inode;
import dev.skerry.sentry.vfs.KernelMount;
import dev.skerry.sentry.vfs.MemoryAccount;
import dev.skerry.sentry.vfs.Mount;
import dev.skerry.sentry.vfs.Owner;
import dev.skerry.sentry.vfs.Stat;
import dev.skerry.sentry.vfs.StatFs;
import dev.skerry.sentry.vfs.VfsPath;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** An overlay over a directory, or over a single regular file. */
public final class OverlayFileSystem extends FileSystem {
  /** Told of changes in the upper directory. */
  @FunctionalInterface
  public interface Written {
    void run() throws ErrnoException;
  }

  private static final long OVERLAYFS_SUPER_MAGIC = 0x794c_7630;
  private static final int CLOCK_REALTIME = 0;
  private static final int PERMISSIONS = 07777;
  private static final String STORE = "store";
  private static final int STORE_MODE = 0700;

  /** What a change of names may need on the heap. */
  private static final int ROOM_BYTES = 4096;

  /** Numbers of files that have no lower one begin here, beyond those of common file systems. */
  private static final long FIRST_OWN_NUMBER = 1L << 47;

  private final FileSystem lowerFileSystem;
  private final FileSystem upperFileSystem;
  private final boolean ownsLayers;

  /** Where changes go in the end; null for one that only forgets them. */
  private final @Nullable Inode upper;

  private final Inode work;
  private Written written = () -> {};
  private final KernelMount lowerMount;
  private final KernelMount upperMount;
  private final UpperStore store;
  private final LowerFiles lowerFiles = new LowerFiles(this);
  private final Object tree = new Object();
  private final long device = AnonymousDevices.next();
  private final AtomicLong lastNumber = new AtomicLong(FIRST_OWN_NUMBER);
  private final OverlayInode root;

  /**
   * @param lower a directory or a regular file, which is never written
   * @param upper an empty directory of a writable file system; gets the lower directory's owner and
   *     mode
   * @param ownsLayers whether the file systems of both are released with this one
   * @throws ErrnoException EINVAL for another kind of file
   */
  public OverlayFileSystem(Inode lower, Inode upper, boolean ownsLayers) throws ErrnoException {
    this(lower, upper, upper, ownsLayers);
  }

  /**
   * An overlay of a guest's.
   *
   * @param lower directories, the uppermost first
   * @param upper a directory, of which what is in it comes first of all
   * @param work an empty directory beside it, where changes are kept
   * @param written told when the changes have come into the upper directory
   */
  public static OverlayFileSystem ofLayers(
      List<Inode> lower, Inode upper, Inode work, Written written) throws ErrnoException {
    List<Inode> layers = new ArrayList<>();
    layers.add(upper);
    layers.addAll(lower);
    OverlayFileSystem made =
        new OverlayFileSystem(new LowerUnion(layers, true), upper, work, false);
    made.written = written;
    return made;
  }

  private OverlayFileSystem(Inode lower, Inode upper, Inode work, boolean ownsLayers)
      throws ErrnoException {
    if (!lower.isDirectory() && !lower.isRegular() || !upper.isDirectory()) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    this.lowerFileSystem = lower.fileSystem();
    this.upperFileSystem = upper.fileSystem();
    this.ownsLayers = ownsLayers;
    this.upper = work == upper ? null : upper;
    this.work = work;
    this.lowerMount = new KernelMount(lowerFileSystem, Mount.MS_RDONLY | Mount.MS_NOATIME);
    this.upperMount = new KernelMount(upperFileSystem, 0);
    this.store = new UpperStore(work.mkdir(STORE, STORE_MODE, new Owner(0, 0)));
    Stat attributes = lower.stat();
    if (lower.isRegular()) {
      this.root = new OverlayInode(this, lower.type(), attributes.ino(), lower, null);
      return;
    }
    upper.setAttributes(
        new AttributeChange(
            attributes.mode() & PERMISSIONS,
            attributes.uid(),
            attributes.gid(),
            AttributeChange.KEEP,
            attributes.atime(),
            attributes.mtime()));
    OverlayDirectory directory =
        new OverlayDirectory(this, attributes.ino(), lower, new Stored(null, upper));
    directory.countLinks();
    this.root = directory;
  }

  @Override
  public String type() {
    return "overlay";
  }

  @Override
  public boolean looksAhead() {
    return lowerFileSystem.looksAhead();
  }

  /** An overlay that is the container's own shows as what is below it. */
  @Override
  public String source() {
    return ownsLayers ? lowerFileSystem.source() : super.source();
  }

  @Override
  public Inode root() {
    return root;
  }

  @Override
  public long mostFileBytes() {
    return DISK_FILE_BYTES;
  }

  @Override
  public StatFs statFs() throws ErrnoException {
    StatFs upper = upperFileSystem.statFs();
    return new StatFs(
        OVERLAYFS_SUPER_MAGIC,
        upper.blockSize(),
        upper.blocks(),
        upper.freeBlocks(),
        upper.availableBlocks(),
        upper.files(),
        upper.freeFiles(),
        device,
        upper.maxNameLength(),
        upper.fragmentSize());
  }

  @Override
  public void release() {
    if (ownsLayers) {
      upperFileSystem.release();
      lowerFileSystem.release();
    } else if (upper != null && root instanceof OverlayDirectory directory) {
      writeBack(directory, upper);
    }
  }

  private void writeBack(OverlayDirectory directory, Inode to) {
    try {
      WriteBack back = new WriteBack(lowerFiles);
      back.write(directory, to, false);
      back.remove(work, STORE);
      written.run();
    } catch (ErrnoException e) {
      System.err.println("warning: an overlay's changes could not all be kept: " + e.getMessage());
    }
  }

  /** The time in nanoseconds since the epoch. */
  static long now() {
    return Host.os().clockGetTime(CLOCK_REALTIME);
  }

  /** Guards all names and link counts. */
  Object tree() {
    return tree;
  }

  UpperStore store() {
    return store;
  }

  LowerFiles lowerFiles() {
    return lowerFiles;
  }

  long device() {
    return device;
  }

  long nextNumber() {
    return lastNumber.incrementAndGet();
  }

  /** Where a lower file is, to open it. */
  VfsPath lowerPlace(Inode lower) {
    return lowerMount.place("", lower);
  }

  VfsPath upperPlace(Inode upper) {
    return upperMount.place("", upper);
  }

  /** ENOSPC unless the heap bears the records of another change of names. */
  static void checkRoom() throws ErrnoException {
    if (MemoryAccount.RECORDS.free() < ROOM_BYTES) {
      throw ErrnoException.of(Errno.ENOSPC);
    }
  }
}
