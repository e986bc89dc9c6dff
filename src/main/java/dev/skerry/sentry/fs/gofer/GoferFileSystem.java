package dev.skerry.sentry.fs.gofer;

import dev.skerry.abi.Errno;
import dev.skerry.goferproto.FileRequest;
import dev.skerry.goferproto.Found;
import dev.skerry.goferproto.Request;
import dev.skerry.goferproto.Response;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.vfs.FileSystem;
import dev.skerry.sentry.vfs.Inode;
import dev.skerry.sentry.vfs.StatFs;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** One mount of the gofer's. */
public final class GoferFileSystem extends FileSystem {
  private final GoferConnection connection;
  private final DonatedFiles donated;
  private final InodeCache inodes;
  private final NamesAhead namesAhead = new NamesAhead();
  private final AtomicInteger attributeChanges = new AtomicInteger();
  private final String source;
  private final boolean exclusive;
  private final long device;
  private final GoferInode root;

  private GoferFileSystem(
      GoferConnection connection, Found root, String source, boolean exclusive, long device) {
    this.connection = connection;
    this.source = source;
    this.exclusive = exclusive;
    this.device = device;
    donated = connection.donatedFiles();
    inodes = new InodeCache(connection, donated);
    this.root = inodes.of(this, root, 0);
  }

  /**
   * Connects with a mount of the gofer's.
   *
   * @param mount its number: 0 for the root, then the binds in the order of the spec
   * @param source the device name in /proc/mounts: {@code 9pfs-/} for the root, {@code
   *     9pfs-DESTINATION} for a bind
   * @param exclusive whether nobody else changes the files, so that names and attributes may be
   *     cached
   * @param device the device number that guests see
   * @throws ErrnoException ENODEV if the gofer has no such mount
   */
  public static GoferFileSystem attach(
      GoferConnection connection, int mount, String source, boolean exclusive, long device)
      throws ErrnoException {
    Response.Attached attached = connection.call(new FileRequest.Attach(mount));
    return new GoferFileSystem(connection, attached.file(), source, exclusive, device);
  }

  @Override
  public String type() {
    return "9p";
  }

  @Override
  public Inode root() {
    return root;
  }

  @Override
  public String source() {
    return source;
  }

  @Override
  public boolean cachesNames() {
    return exclusive;
  }

  @Override
  public boolean looksAhead() {
    return exclusive;
  }

  @Override
  public boolean walksAtOnce() {
    return !exclusive;
  }

  long device() {
    return device;
  }

  DonatedFiles donated() {
    return donated;
  }

  NamesAhead namesAhead() {
    return namesAhead;
  }

  /** Counts changes of the attributes of all files. */
  AtomicInteger attributeChanges() {
    return attributeChanges;
  }

  /** A file that nobody knows yet. */
  GoferInode inodeOf(Found found) {
    return inodeOf(found, attributeChanges.get());
  }

  /**
   * @param since what {@link #attributeChanges} was before the gofer was asked
   */
  GoferInode inodeOf(Found found, int since) {
    return inodes.of(this, found, since);
  }

  /** A file without a name was closed for the last time: the host may free its space. */
  void remove(InodeReference reference) {
    inodes.remove(reference);
  }

  /** Gives unneeded handles back without waiting for more. */
  void giveBackAll() throws ErrnoException {
    connection.giveBackAll();
  }

  <R extends Response> R call(Request<R> request) throws ErrnoException {
    return callForHandle(request, null);
  }

  /**
   * A call that may make handles. When the gofer has too many descriptors, for handles or for a
   * directory that is listed, those of inodes that nobody knows any more are looked for, which
   * takes a collection of the heap.
   *
   * @param target null, or room for the donated descriptors
   */
  <R extends Response> R callForHandle(Request<R> request, int @Nullable [] target)
      throws ErrnoException {
    try {
      return connection.call(request, target);
    } catch (ErrnoException e) {
      if (e.errno() != Errno.ENFILE) {
        throw e;
      }
    }
    namesAhead.clear();
    System.gc();
    inodes.collect();
    connection.giveBackAll();
    return connection.call(request, target);
  }

  /** Only a connection that is lost can fail here, and with it everything is given back. */
  @Override
  public void release() {
    namesAhead.clear();
    inodes.clear();
    try {
      connection.giveBackAll();
    } catch (ErrnoException e) {
      return;
    }
  }

  @Override
  public long mostFileBytes() {
    return DISK_FILE_BYTES;
  }

  @Override
  public StatFs statFs() throws ErrnoException {
    Response.FileSystemStatus s = call(new FileRequest.GetFileSystem(root.handle()));
    return new StatFs(
        s.type(),
        s.blockSize(),
        s.blocks(),
        s.freeBlocks(),
        s.availableBlocks(),
        s.files(),
        s.freeFiles(),
        s.fsid(),
        s.maxNameLength(),
        s.fragmentSize());
  }
}
