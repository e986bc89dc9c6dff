package dev.skerry.sentry.fs.gofer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.skerry.abi.Errno;
import dev.skerry.goferproto.Attributes;
import dev.skerry.goferproto.FileRequest;
import dev.skerry.goferproto.Found;
import dev.skerry.goferproto.Response;
import dev.skerry.hostos.Host;
import dev.skerry.hostos.StatxLayout;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.vfs.AttributeChange;
import dev.skerry.sentry.vfs.FileSystem;
import dev.skerry.sentry.vfs.Inode;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.OpenFlags;
import dev.skerry.sentry.vfs.Stat;
import dev.skerry.sentry.vfs.VfsPath;
import java.lang.ref.ReferenceQueue;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A file of the gofer's that is no directory, or what directories have in common with others. */
class GoferInode extends Inode {
  private static final int AT_EMPTY_PATH = 0x1000;

  /** From this size on, the space of a file that is gone is freed at once. */
  private static final long LARGE = 1 << 20;

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

  /** What was found together with the file. */
  private volatile @Nullable Batch batch;

  GoferInode(
      GoferFileSystem fileSystem, ReferenceQueue<GoferInode> queue, InodeKey key, Found found) {
    this.fileSystem = fileSystem;
    type = found.attributes().mode() & S_IFMT;
    reference = new InodeReference(this, queue, key, found.handle());
    attributes =
        new CachedStat(
            fileSystem.device(),
            fileSystem.cachesNames(),
            fileSystem.attributeChanges(),
            found.attributes());
  }

  final InodeReference reference() {
    return reference;
  }

  final int handle() {
    return reference.handle();
  }

  final CachedStat attributes() {
    return attributes;
  }

  /** The gofer found the file again; see {@link CachedStat#found}. */
  final void found(Attributes now, int since) {
    attributes.found(now, since);
  }

  final void foundIn(Batch together) {
    batch = together;
  }

  /** The content or an attribute was changed through a descriptor. */
  final void changed() {
    attributes.changed();
  }

  /**
   * The content was changed through a descriptor. The host takes set-ID bits away whoever writes,
   * since it asks the sentry for CAP_FSETID in its own first user namespace.
   *
   * @param privileged whether the writer has CAP_FSETID, so that they come back
   */
  final void written(boolean privileged) {
    int mode = attributes.setIdMode();
    attributes.changed();
    if (mode < 0) {
      return;
    }
    attributes.lostSetIds();
    if (privileged) {
      try {
        setAttributes(AttributeChange.ofMode(mode));
      } catch (ErrnoException e) {
        // Then they are lost, as they would be for anybody else.
      }
    }
  }

  @Override
  public final FileSystem fileSystem() {
    return fileSystem;
  }

  @Override
  public final int type() {
    return type;
  }

  // Attributes

  @Override
  public final Stat stat() throws ErrnoException {
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
  public final void setAttributes(AttributeChange change) throws ErrnoException {
    // With a new length the host takes set-ID bits away: whether they go is for the caller to say.
    boolean keepsMode = change.size() != AttributeChange.KEEP && change.mode() == -1;
    int mode = keepsMode ? attributes.setIdMode() : change.mode();
    if (mode == -1 && truncatesOnly(change) && truncate(change.size())) {
      return;
    }
    int since = attributes.changes();
    try {
      Response.Status now =
          fileSystem.call(
              new FileRequest.SetAttributes(
                  handle(),
                  mode,
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

  /** Keeps a descriptor that came unasked for. */
  final void keep(boolean writable, int fd) {
    if (fd >= 0) {
      DonatedFiles donated = fileSystem.donated();
      donated.release(donated.add(reference, writable, fd));
    }
  }

  final void setNameless(boolean now) {
    synchronized (reference) {
      nameless = now;
    }
  }

  final void wasReplaced() throws ErrnoException {
    Stat before = fileSystem.cachesNames() ? attributes.known() : null;
    attributes.changed();
    if (type == S_IFDIR || (before != null && before.nlink() == 1)) {
      lostLastName();
    } else if (stat().nlink() == 0) {
      lostLastName();
    }
  }

  /** The file goes now, or when the last description is released. */
  final void lostLastName() throws ErrnoException {
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
  public final String readlink() throws ErrnoException {
    String known = target;
    if (known == null) {
      known = fileSystem.call(new FileRequest.ReadLink(handle())).text();
      target = known;
    }
    return known;
  }

  // Extended attributes

  @Override
  public final byte[] getXattr(String name) throws ErrnoException {
    if (!UserXattrs.isServed(this, name)) {
      throw ErrnoException.of(UserXattrs.absence(name));
    }
    return fileSystem.call(new FileRequest.GetXattr(handle(), name)).bytes();
  }

  @Override
  public final void setXattr(String name, byte[] value, int flags) throws ErrnoException {
    UserXattrs.requireSettable(this, name, value);
    int since = attributes.changes();
    Response.Status now = fileSystem.call(new FileRequest.SetXattr(handle(), name, value, flags));
    attributes.setChanged(now.attributes(), since);
  }

  @Override
  public final void removeXattr(String name) throws ErrnoException {
    UserXattrs.requireSettable(this, name, new byte[0]);
    int since = attributes.changes();
    Response.Status now = fileSystem.call(new FileRequest.RemoveXattr(handle(), name));
    attributes.setChanged(now.attributes(), since);
  }

  @Override
  public final List<String> listXattr() throws ErrnoException {
    if (!UserXattrs.mayHave(this)) {
      return List.of();
    }
    return UserXattrs.names(fileSystem.call(new FileRequest.ListXattr(handle())).bytes());
  }

  // Opening

  @Override
  public final OpenFileDescription open(VfsPath path, int flags) throws ErrnoException {
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

  /** A descriptor that cannot write; {@link #giveUp} releases it. */
  final DonatedFile openToReadOnly() throws ErrnoException {
    DonatedFile file = fileSystem.donated().takeToReadOnly(reference);
    return file == null ? fetchDescriptor(false) : file;
  }

  final void giveUp(DonatedFile file) {
    fileSystem.donated().release(file);
  }

  private DonatedFile fetchDescriptor(boolean writable) throws ErrnoException {
    if (attributes.isFrozen()) {
      throw ErrnoException.of(Errno.ESTALE);
    }
    Batch found = writable ? null : batch;
    List<GoferInode> files =
        found == null ? List.of(this) : found.toOpen(this, fileSystem.donated());
    int[] handles = new int[files.size()];
    for (int i = 0; i < handles.length; i++) {
      handles[i] = files.get(i).handle();
    }
    int[] fds = new int[handles.length];
    FileRequest.Open request = new FileRequest.Open(writable, handles);
    int[] errors = fileSystem.callForHandle(request, fds).errors();
    if (fds[0] < 0) {
      throw ErrnoException.of(Errno.ENFILE);
    }
    int next = 1;
    for (int i = 1; i < errors.length; i++) {
      if (errors[i] == 0) {
        fileSystem.donated().addAhead(files.get(i).reference(), fds[next++]);
      }
    }
    return fileSystem.donated().add(reference, writable, fds[0]);
  }

  /** A description was released. */
  final void closed(DonatedFile file) {
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

  final void mapped() {
    mappedWritable = true;
  }
}
