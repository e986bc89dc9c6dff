package dev.skerry.sentry.fs.gofer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.skerry.abi.Errno;
import dev.skerry.goferproto.Attributes;
import dev.skerry.goferproto.Entry;
import dev.skerry.goferproto.FileRequest;
import dev.skerry.goferproto.Found;
import dev.skerry.goferproto.NameRequest;
import dev.skerry.goferproto.Response;
import dev.skerry.hostos.Host;
import dev.skerry.hostos.StatxLayout;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.vfs.AttributeChange;
import dev.skerry.sentry.vfs.DirectoryEntry;
import dev.skerry.sentry.vfs.FileSystem;
import dev.skerry.sentry.vfs.Inode;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.OpenFlags;
import dev.skerry.sentry.vfs.Owner;
import dev.skerry.sentry.vfs.Stat;
import dev.skerry.sentry.vfs.VfsPath;
import java.lang.ref.ReferenceQueue;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A file of the gofer's. */
final class GoferInode extends Inode {
  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int RENAME_EXCHANGE = 2;

  /** From this size on, the space of a file that is gone is freed at once. */
  private static final long LARGE = 1 << 20;

  /** Entries of one directory: beyond, listing fails rather than fill the heap. */
  private static final int MOST_ENTRIES = 1_000_000;

  private final GoferFileSystem fileSystem;
  private final int type;
  private final InodeReference reference;
  private final CachedStat attributes;

  @GuardedBy("reference")
  private int descriptions;

  /** No name is left. */
  @GuardedBy("reference")
  private boolean nameless;

  /** A guest may change the content without a call. */
  private volatile boolean mappedWritable;

  private volatile @Nullable String target;

  GoferInode(
      GoferFileSystem fileSystem, ReferenceQueue<GoferInode> queue, InodeKey key, Found found) {
    this.fileSystem = fileSystem;
    type = found.attributes().mode() & S_IFMT;
    reference = new InodeReference(this, queue, key, found.handle());
    attributes = new CachedStat(fileSystem.device(), fileSystem.cachesNames(), found.attributes());
  }

  InodeReference reference() {
    return reference;
  }

  int handle() {
    return reference.handle();
  }

  /** The gofer found the file again. */
  void found(Attributes now) {
    attributes.found(now);
  }

  /** The content or an attribute was changed through a descriptor. */
  void changed() {
    attributes.changed();
  }

  @Override
  public FileSystem fileSystem() {
    return fileSystem;
  }

  @Override
  public int type() {
    return type;
  }

  // Attributes

  @Override
  public Stat stat() throws ErrnoException {
    Stat known = mappedWritable ? null : attributes.known();
    return known != null ? known : fetch();
  }

  private Stat fetch() throws ErrnoException {
    if (attributes.isFrozen()) {
      return latest();
    }
    int since = attributes.changes();
    // Where others change files, only the gofer sees a new owner.
    boolean ownersStay = type == S_IFREG && fileSystem.cachesNames();
    DonatedFile file = ownersStay ? fileSystem.donated().take(reference, false) : null;
    if (file == null) {
      Response.Status now = fileSystem.call(new FileRequest.GetAttributes(handle()));
      return attributes.set(now.attributes(), since);
    }
    try {
      return attributes.setAllButOwner(attributesOf(file.fd()), since);
    } finally {
      fileSystem.donated().release(file);
    }
  }

  private Stat latest() throws ErrnoException {
    Stat stat = attributes.latest();
    if (stat == null) {
      throw ErrnoException.of(Errno.ESTALE);
    }
    return stat;
  }

  private static Attributes attributesOf(int fd) throws ErrnoException {
    long[] s = new long[StatxLayout.COUNT];
    ErrnoException.check(Host.os().statx(fd, "", AT_EMPTY_PATH, s));
    return new Attributes(
        s[StatxLayout.DEV],
        s[StatxLayout.INO],
        (int) s[StatxLayout.MODE],
        (int) s[StatxLayout.NLINK],
        (int) s[StatxLayout.UID],
        (int) s[StatxLayout.GID],
        s[StatxLayout.RDEV],
        s[StatxLayout.SIZE],
        (int) s[StatxLayout.BLKSIZE],
        s[StatxLayout.BLOCKS],
        s[StatxLayout.ATIME],
        s[StatxLayout.MTIME],
        s[StatxLayout.CTIME],
        s[StatxLayout.BTIME]);
  }

  @Override
  public void setAttributes(AttributeChange change) throws ErrnoException {
    if (truncatesOnly(change) && truncate(change.size())) {
      return;
    }
    int since = attributes.changes();
    try {
      Response.Status now =
          fileSystem.call(
              new FileRequest.SetAttributes(
                  handle(),
                  change.mode(),
                  change.uid(),
                  change.gid(),
                  change.size(),
                  change.atime(),
                  change.mtime()));
      attributes.setChanged(now.attributes(), since);
    } catch (ErrnoException e) {
      attributes.changed();
      throw e;
    }
  }

  private static boolean truncatesOnly(AttributeChange change) {
    return change.size() != AttributeChange.KEEP
        && change.mode() == -1
        && change.uid() == -1
        && change.gid() == -1
        && change.atime() == AttributeChange.KEEP
        && change.mtime() == AttributeChange.KEEP;
  }

  /** Truncates without a message, if there is a descriptor to do it with. */
  private boolean truncate(long size) throws ErrnoException {
    DonatedFile file = fileSystem.donated().take(reference, true);
    if (file == null) {
      return false;
    }
    try {
      ErrnoException.check(Host.os().ftruncate(file.fd(), size));
    } finally {
      attributes.changed();
      fileSystem.donated().release(file);
    }
    return true;
  }

  // Directories

  @Override
  public @Nullable Inode lookup(String name) throws ErrnoException {
    requireDirectory();
    if (attributes.isFrozen()) {
      return null;
    }
    Response.Walked walked =
        fileSystem.callForHandle(new FileRequest.Walk(handle(), List.of(name)), null);
    if (!walked.files().isEmpty()) {
      return fileSystem.inodeOf(walked.files().getFirst());
    }
    if (walked.stop() == Errno.ENOENT) {
      return null;
    }
    throw ErrnoException.of(walked.stop() == 0 ? Errno.EIO : walked.stop());
  }

  private void requireDirectory() throws ErrnoException {
    if (type != S_IFDIR) {
      throw ErrnoException.of(Errno.ENOTDIR);
    }
  }

  @Override
  public synchronized List<DirectoryEntry> entries() throws ErrnoException {
    requireDirectory();
    List<DirectoryEntry> entries = new ArrayList<>();
    boolean end = attributes.isFrozen();
    boolean restart = true;
    while (!end) {
      Response.Listing listing = fileSystem.call(new FileRequest.ReadDirectory(handle(), restart));
      for (Entry entry : listing.entries()) {
        entries.add(new DirectoryEntry(entry.name(), entry.ino(), entry.type()));
      }
      if (entries.size() > MOST_ENTRIES) {
        throw ErrnoException.of(Errno.ENOMEM);
      }
      end = listing.end();
      restart = false;
    }
    return entries;
  }

  /** Nothing can be made in a directory that is gone. */
  private void requireAlive() throws ErrnoException {
    requireDirectory();
    if (attributes.isFrozen()) {
      throw ErrnoException.of(Errno.ENOENT);
    }
  }

  @Override
  public Inode create(String name, int mode, Owner owner) throws ErrnoException {
    requireAlive();
    int since = attributes.changes();
    int[] fd = new int[1];
    NameRequest.Create request =
        new NameRequest.Create(handle(), name, mode, owner.uid(), owner.gid());
    Response.Created created = fileSystem.callForHandle(request, fd);
    GoferInode inode = adopt(created, since);
    inode.keep(fd[0]);
    return inode;
  }

  @Override
  public Inode createTemporary(int mode, Owner owner) throws ErrnoException {
    requireAlive();
    int[] fd = new int[1];
    NameRequest.CreateTemporary request =
        new NameRequest.CreateTemporary(handle(), mode, owner.uid(), owner.gid());
    GoferInode inode = fileSystem.inodeOf(fileSystem.callForHandle(request, fd).file());
    synchronized (inode.reference) {
      inode.nameless = true;
    }
    inode.keep(fd[0]);
    return inode;
  }

  private void keep(int fd) {
    if (fd < 0) {
      return;
    }
    DonatedFiles donated = fileSystem.donated();
    donated.release(donated.add(reference, true, fd));
  }

  private GoferInode adopt(Response.Created created, int since) {
    attributes.setChanged(created.directory(), since);
    return fileSystem.inodeOf(created.file());
  }

  @Override
  public Inode mkdir(String name, int mode, Owner owner) throws ErrnoException {
    requireAlive();
    int since = attributes.changes();
    NameRequest.MakeDirectory request =
        new NameRequest.MakeDirectory(handle(), name, mode, owner.uid(), owner.gid());
    return adopt(fileSystem.callForHandle(request, null), since);
  }

  /** Devices would be the host's: EPERM. */
  @Override
  public Inode mknod(String name, int mode, long rdev, Owner owner) throws ErrnoException {
    requireAlive();
    int since = attributes.changes();
    NameRequest.MakeNode request =
        new NameRequest.MakeNode(handle(), name, mode, owner.uid(), owner.gid());
    return adopt(fileSystem.callForHandle(request, null), since);
  }

  @Override
  public Inode symlink(String name, String text, Owner owner) throws ErrnoException {
    requireAlive();
    int since = attributes.changes();
    NameRequest.MakeSymlink request =
        new NameRequest.MakeSymlink(handle(), name, text, owner.uid(), owner.gid());
    return adopt(fileSystem.callForHandle(request, null), since);
  }

  @Override
  public void link(String name, Inode file) throws ErrnoException {
    requireAlive();
    GoferInode inode = (GoferInode) file;
    int since = attributes.changes();
    int fileSince = inode.attributes.changes();
    Response.Renamed now = fileSystem.call(new NameRequest.Link(handle(), name, inode.handle()));
    inode.attributes.setChanged(now.first(), fileSince);
    attributes.setChanged(now.second(), since);
    synchronized (inode.reference) {
      inode.nameless = false;
    }
  }

  @Override
  public void unlink(String name, Inode file) throws ErrnoException {
    remove(name, (GoferInode) file, false);
  }

  @Override
  public void rmdir(String name, Inode directory) throws ErrnoException {
    remove(name, (GoferInode) directory, true);
  }

  private void remove(String name, GoferInode file, boolean isDirectory) throws ErrnoException {
    int since = attributes.changes();
    int fileSince = file.attributes.changes();
    Response.Renamed now =
        fileSystem.call(new NameRequest.Unlink(handle(), name, file.handle(), isDirectory));
    file.attributes.setChanged(now.first(), fileSince);
    attributes.setChanged(now.second(), since);
    if (isDirectory || now.first().nlink() == 0) {
      file.lostLastName();
    }
  }

  @Override
  public void rename(
      String name,
      Inode file,
      Inode newDirectory,
      String newName,
      @Nullable Inode replaced,
      int flags)
      throws ErrnoException {
    GoferInode to = (GoferInode) newDirectory;
    int since = attributes.changes();
    int toSince = to.attributes.changes();
    Response.Renamed now =
        fileSystem.call(new NameRequest.Rename(handle(), name, to.handle(), newName, flags));
    attributes.setChanged(now.first(), since);
    if (to != this) {
      to.attributes.setChanged(now.second(), toSince);
    }
    ((GoferInode) file).changed();
    if (replaced instanceof GoferInode other && other != file) {
      if ((flags & RENAME_EXCHANGE) != 0) {
        other.changed();
      } else {
        other.wasReplaced();
      }
    }
  }

  private void wasReplaced() throws ErrnoException {
    Stat before = fileSystem.cachesNames() ? attributes.known() : null;
    attributes.changed();
    if (type == S_IFDIR || (before != null && before.nlink() == 1)) {
      lostLastName();
    } else if (stat().nlink() == 0) {
      lostLastName();
    }
  }

  /** The file goes now, or when the last description is released. */
  private void lostLastName() throws ErrnoException {
    synchronized (reference) {
      nameless = true;
      if (descriptions > 0) {
        return;
      }
    }
    vanish();
  }

  private void vanish() throws ErrnoException {
    Stat stat = stat();
    attributes.freeze(stat);
    fileSystem.remove(reference);
    if (type == S_IFREG && stat.size() >= LARGE) {
      fileSystem.giveBackAll();
    }
  }

  // Symbolic links

  @Override
  public String readlink() throws ErrnoException {
    String known = target;
    if (known == null) {
      known = fileSystem.call(new FileRequest.ReadLink(handle())).text();
      target = known;
    }
    return known;
  }

  // Extended attributes

  @Override
  public byte[] getXattr(String name) throws ErrnoException {
    if (!UserXattrs.isServed(this, name)) {
      throw ErrnoException.of(UserXattrs.absence(name));
    }
    return fileSystem.call(new FileRequest.GetXattr(handle(), name)).bytes();
  }

  @Override
  public void setXattr(String name, byte[] value, int flags) throws ErrnoException {
    UserXattrs.requireSettable(this, name, value);
    int since = attributes.changes();
    Response.Status now = fileSystem.call(new FileRequest.SetXattr(handle(), name, value, flags));
    attributes.setChanged(now.attributes(), since);
  }

  @Override
  public void removeXattr(String name) throws ErrnoException {
    UserXattrs.requireSettable(this, name, new byte[0]);
    int since = attributes.changes();
    Response.Status now = fileSystem.call(new FileRequest.RemoveXattr(handle(), name));
    attributes.setChanged(now.attributes(), since);
  }

  @Override
  public List<String> listXattr() throws ErrnoException {
    if (!UserXattrs.mayHave(this)) {
      return List.of();
    }
    return UserXattrs.names(fileSystem.call(new FileRequest.ListXattr(handle())).bytes());
  }

  // Opening

  @Override
  public OpenFileDescription open(VfsPath path, int flags) throws ErrnoException {
    if (type != S_IFREG) {
      throw ErrnoException.of(Errno.ENXIO);
    }
    boolean writable = (flags & OpenFlags.O_ACCMODE) != OpenFlags.O_RDONLY;
    DonatedFile file = fileSystem.donated().take(reference, writable);
    if (file == null) {
      file = fetchDescriptor(writable);
    }
    synchronized (reference) {
      descriptions++;
    }
    return new GoferFile(path, flags, this, file);
  }

  private DonatedFile fetchDescriptor(boolean writable) throws ErrnoException {
    if (attributes.isFrozen()) {
      throw ErrnoException.of(Errno.ESTALE);
    }
    int[] fd = new int[1];
    fileSystem.callForHandle(new FileRequest.Open(handle(), writable), fd);
    if (fd[0] < 0) {
      throw ErrnoException.of(Errno.ENFILE);
    }
    // A descriptor that is no regular file could block the sentry.
    try {
      if ((attributesOf(fd[0]).mode() & S_IFMT) != S_IFREG) {
        throw ErrnoException.of(Errno.EIO);
      }
    } catch (ErrnoException e) {
      Host.os().close(fd[0]);
      throw e;
    }
    return fileSystem.donated().add(reference, writable, fd[0]);
  }

  /** A description was released. */
  void closed(DonatedFile file) {
    boolean gone;
    synchronized (reference) {
      descriptions--;
      gone = nameless && descriptions == 0;
    }
    if (gone) {
      try {
        vanish();
      } catch (ErrnoException e) {
        // The gofer cannot say what the file looked like in the end; nobody can ask any more.
        fileSystem.remove(reference);
      }
    }
    fileSystem.donated().release(file);
  }

  void mapped() {
    mappedWritable = true;
  }
}
