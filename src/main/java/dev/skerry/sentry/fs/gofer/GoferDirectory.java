package dev.skerry.sentry.fs.gofer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.skerry.abi.Errno;
import dev.skerry.goferproto.Attributes;
import dev.skerry.goferproto.FileRequest;
import dev.skerry.goferproto.FindTree;
import dev.skerry.goferproto.Found;
import dev.skerry.goferproto.NameRequest;
import dev.skerry.goferproto.Response;
import dev.skerry.goferproto.TreeFile;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.vfs.DirectoryEntry;
import dev.skerry.sentry.vfs.Inode;
import dev.skerry.sentry.vfs.Owner;
import java.lang.ref.ReferenceQueue;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A directory of the gofer's. */
final class GoferDirectory extends GoferInode {
  private static final int RENAME_EXCHANGE = 2;

  /** Entries of one directory: beyond, listing fails rather than fill the heap. */
  private static final int MOST_ENTRIES = 1_000_000;

  /** So many names are looked up one by one before a listing of a small directory is worth it. */
  private static final int MISSES_IF_SMALL = 2;

  private static final int MISSES = 12;

  /** A directory whose names change would have to be listed again and again. */
  private static final int MISSES_AFTER_CHANGE = -100;

  /** Bytes of a directory that has some dozens of entries. */
  private static final long SMALL = 4096;

  /** The same of one whose listing takes a few messages. */
  private static final long MODERATE = 64 << 10;

  private final GoferFileSystem fileSystem;
  private final CachedStat attributes;

  /** Counts changes of names: what was asked before one is not kept after it. */
  private final AtomicInteger changes = new AtomicInteger();

  private final Object changeLock = new Object();

  /** Changes that the gofer was asked for and that are not done. */
  @GuardedBy("changeLock")
  private int changing;

  /** Some of them at the same time: in which order the gofer does them is not known. */
  @GuardedBy("changeLock")
  private boolean together;

  /** The files that were made last. */
  private volatile Batch madeTogether = new Batch();

  /** Where a directory was when it was found through a listing. */
  record ListedIn(GoferDirectory parent, String name) {}

  private volatile @Nullable ListedIn listedIn;

  /**
   * What the look-up that was announced will find, unless names change.
   *
   * @param file null if there is none
   * @param since what {@link NamesAhead#changes} was before the gofer was asked
   */
  private record Expected(String name, @Nullable GoferInode file, int since) {}

  private volatile @Nullable Expected expected;

  /** Names that the gofer was asked for one by one. */
  private final AtomicInteger misses = new AtomicInteger();

  GoferDirectory(
      GoferFileSystem fileSystem, ReferenceQueue<GoferInode> queue, InodeKey key, Found found) {
    super(fileSystem, queue, key, found);
    this.fileSystem = fileSystem;
    this.attributes = attributes();
  }

  int changes() {
    return changes.get();
  }

  @Nullable ListedIn listedIn() {
    return listedIn;
  }

  // Looking

  @Override
  public @Nullable Inode lookup(String name) throws ErrnoException {
    if (attributes.isFrozen()) {
      return null;
    }
    if (!fileSystem.cachesNames()) {
      return ask(List.of(name));
    }
    NamesAhead ahead = fileSystem.namesAhead();
    Expected known = expected;
    if (known != null && known.name.equals(name)) {
      expected = null;
      if (known.since == ahead.changes()) {
        return known.file;
      }
    }
    NamesAhead.Answer answer = ahead.find(this, name);
    if (answer == null && isListingDue()) {
      list();
      answer = ahead.find(this, name);
    }
    if (answer == null) {
      misses.incrementAndGet();
      return ask(List.of(name));
    }
    GoferInode file = answer.inode();
    if (answer.listings() > 0) {
      file = askTree(answer.names(), answer.listings());
    } else if (!answer.names().isEmpty()) {
      file = ask(answer.names());
    }
    if (file instanceof GoferDirectory directory) {
      directory.listedIn = new ListedIn(this, name);
    }
    return file;
  }

  @Override
  public Walked walk(List<String> names, boolean opens) throws ErrnoException {
    if (attributes.isFrozen()) {
      return new Walked(List.of(), true);
    }
    // Where attributes count as new for a while, an open that takes time would make them older.
    boolean opensNow = opens && fileSystem.cachesNames();
    int[] fd = {-1};
    int since = fileSystem.attributeChanges().get();
    FileRequest.Walk request = new FileRequest.Walk(handle(), opensNow, names);
    Response.Walked walked = fileSystem.callForHandle(request, fd);
    found(walked.start(), since);
    List<GoferInode> files = new ArrayList<>(walked.files().size());
    for (Found found : walked.files()) {
      files.add(fileSystem.inodeOf(found, since));
    }
    if (walked.opened()) {
      files.getLast().keep(false, fd[0]);
    }
    return new Walked(files, walked.stop() == Errno.ENOENT);
  }

  @Override
  public void expect(List<String> names, boolean opens) throws ErrnoException {
    NamesAhead ahead = fileSystem.namesAhead();
    int since = ahead.changes();
    Expected known = expected;
    boolean isExpected =
        known != null && known.since == since && known.name.equals(names.getFirst());
    if (isExpected || ahead.has(this)) {
      return;
    }
    if (isListingDue()) {
      list();
      return;
    }
    Walked walked = walk(names, opens);
    GoferDirectory directory = this;
    for (int i = 0; i < names.size() && directory != null; i++) {
      GoferInode file = i < walked.files().size() ? (GoferInode) walked.files().get(i) : null;
      if (file != null || walked.missing()) {
        directory.expected = new Expected(names.get(i), file, since);
      }
      directory.misses.incrementAndGet();
      directory = file instanceof GoferDirectory next ? next : null;
    }
  }

  /** Whether a listing will save more messages than it takes. */
  private boolean isListingDue() throws ErrnoException {
    int count = misses.get();
    if (count < MISSES_IF_SMALL) {
      return false;
    }
    long size = stat().size();
    boolean due = size <= SMALL || (size <= MODERATE && count >= MISSES);
    if (due) {
      misses.set(0);
    }
    return due;
  }

  /** Looks up the first name, and others that are wanted soon. */
  private @Nullable GoferInode ask(List<String> names) throws ErrnoException {
    int since = changes.get();
    int attributesSince = fileSystem.attributeChanges().get();
    Response.FoundEach each = fileSystem.callForHandle(new FileRequest.Find(handle(), names), null);
    @Nullable GoferInode[] files = new GoferInode[names.size()];
    for (int i = 0; i < files.length; i++) {
      Found found = each.files()[i];
      files[i] = found == null ? null : fileSystem.inodeOf(found, attributesSince);
    }
    if (files.length > 1) {
      fileSystem.namesAhead().found(this, names, files, since);
    }
    int error = each.errors()[0];
    if (error != 0 && error != Errno.ENOENT) {
      throw ErrnoException.of(error);
    }
    return files[0];
  }

  /** Looks up the first name, and as much of the others and below them as can be told at once. */
  private @Nullable GoferInode askTree(List<String> names, int listings) throws ErrnoException {
    NamesAhead ahead = fileSystem.namesAhead();
    int since = ahead.changes();
    Response.Tree tree;
    try {
      FindTree request = new FindTree(handle(), names, listings, ahead.wantsOthers());
      tree = fileSystem.callForHandle(request, null);
    } catch (ErrnoException e) {
      if (e.errno() == Errno.ENOENT) {
        return null;
      }
      throw e;
    }
    List<GoferInode> files = new ArrayList<>(tree.files().size());
    for (TreeFile file : tree.files()) {
      files.add(fileSystem.inodeOf(file.file()));
    }
    ahead.grown(this, names, tree, files, since);
    return files.getFirst();
  }

  @Override
  public List<DirectoryEntry> entries() throws ErrnoException {
    NamesAhead ahead = fileSystem.namesAhead();
    List<DirectoryEntry> known = ahead.entries(this);
    if (known == null && growHere()) {
      known = ahead.entries(this);
    }
    return known != null ? known : list();
  }

  /** Lists the directory together with its neighbours, if it was found through a listing. */
  private boolean growHere() throws ErrnoException {
    ListedIn place = listedIn;
    if (place == null) {
      return false;
    }
    NamesAhead.Answer answer = fileSystem.namesAhead().findAgain(place);
    return answer != null && place.parent.askTree(answer.names(), answer.listings()) == this;
  }

  private synchronized List<DirectoryEntry> list() throws ErrnoException {
    int since = changes.get();
    List<DirectoryEntry> entries = new ArrayList<>();
    boolean end = attributes.isFrozen();
    boolean restart = true;
    while (!end) {
      Response.Listing listing = fileSystem.call(new FileRequest.ReadDirectory(handle(), restart));
      entries.addAll(Forest.entriesOf(listing.entries()));
      if (entries.size() > MOST_ENTRIES) {
        throw ErrnoException.of(Errno.ENOMEM);
      }
      end = listing.end();
      restart = false;
    }
    if (fileSystem.cachesNames()) {
      fileSystem.namesAhead().listed(this, entries, since);
    }
    return entries;
  }

  // Changing names

  private void beginChange() {
    synchronized (changeLock) {
      changing++;
      together |= changing > 1;
    }
  }

  /** Counts a change that is done, or failed; tells whether there was no other meanwhile. */
  private boolean endChange() {
    changes.incrementAndGet();
    synchronized (changeLock) {
      boolean alone = !together;
      changing--;
      together &= changing > 0;
      return alone;
    }
  }

  /** Who knows what has become of the names. */
  private void namesUnknown() {
    misses.set(MISSES_AFTER_CHANGE);
    fileSystem.namesAhead().changed(this);
  }

  /**
   * Asks for a change of a name. If it fails, or is not the only one, nothing is known of the names
   * any more.
   *
   * @param linked the file that the name stands for afterwards; null if there is none, or the
   *     response tells it
   * @param donated as of {@link GoferFileSystem#callForHandle}
   */
  private <R extends Response> R change(
      String name, NameRequest<R> request, @Nullable GoferInode linked, int @Nullable [] donated)
      throws ErrnoException {
    R response = null;
    beginChange();
    try {
      response = fileSystem.callForHandle(request, donated);
      return response;
    } finally {
      if (!endChange() || response == null) {
        namesUnknown();
      } else if (response instanceof Response.Created created) {
        added(name, created.file().attributes());
      } else if (linked != null) {
        added(name, linked);
      } else {
        fileSystem.namesAhead().removed(this, name);
      }
    }
  }

  private void added(String name, Attributes file) {
    fileSystem
        .namesAhead()
        .added(this, new DirectoryEntry(name, file.ino(), (file.mode() & S_IFMT) >>> 12));
  }

  private void added(String name, GoferInode file) {
    fileSystem
        .namesAhead()
        .added(this, new DirectoryEntry(name, file.reference().key().ino(), file.type() >>> 12));
  }

  /** Nothing can be made in a directory that is gone. */
  private void requireAlive() throws ErrnoException {
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
    Response.Created created = change(name, request, null, fd);
    GoferInode inode = adopt(created, since);
    inode.keep(true, fd[0]);
    madeTogether = madeTogether.with(inode);
    return inode;
  }

  @Override
  public Inode createTemporary(int mode, Owner owner) throws ErrnoException {
    requireAlive();
    int[] fd = new int[1];
    NameRequest.CreateTemporary request =
        new NameRequest.CreateTemporary(handle(), mode, owner.uid(), owner.gid());
    GoferInode inode = fileSystem.inodeOf(fileSystem.callForHandle(request, fd).file());
    inode.setNameless(true);
    inode.keep(true, fd[0]);
    return inode;
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
    int changesBefore = fileSystem.namesAhead().changes();
    GoferInode made = adopt(change(name, request, null, null), since);
    if (made instanceof GoferDirectory directory && fileSystem.cachesNames()) {
      fileSystem.namesAhead().made(directory, changesBefore);
    }
    return made;
  }

  /** Devices would be the host's: EPERM. */
  @Override
  public Inode mknod(String name, int mode, long rdev, Owner owner) throws ErrnoException {
    requireAlive();
    int since = attributes.changes();
    NameRequest.MakeNode request =
        new NameRequest.MakeNode(handle(), name, mode, owner.uid(), owner.gid());
    return adopt(change(name, request, null, null), since);
  }

  @Override
  public Inode symlink(String name, String text, Owner owner) throws ErrnoException {
    requireAlive();
    int since = attributes.changes();
    NameRequest.MakeSymlink request =
        new NameRequest.MakeSymlink(handle(), name, text, owner.uid(), owner.gid());
    return adopt(change(name, request, null, null), since);
  }

  @Override
  public void link(String name, Inode file) throws ErrnoException {
    requireAlive();
    GoferInode inode = (GoferInode) file;
    int since = attributes.changes();
    int fileSince = inode.attributes().changes();
    Response.Renamed now =
        change(name, new NameRequest.Link(handle(), name, inode.handle()), inode, null);
    inode.attributes().setChanged(now.first(), fileSince);
    attributes.setChanged(now.second(), since);
    inode.setNameless(false);
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
    int fileSince = file.attributes().changes();
    Response.Renamed now =
        change(
            name, new NameRequest.Unlink(handle(), name, file.handle(), isDirectory), null, null);
    file.attributes().setChanged(now.first(), fileSince);
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
    GoferDirectory to = (GoferDirectory) newDirectory;
    int since = attributes.changes();
    int toSince = to.attributes.changes();
    boolean exchanges = (flags & RENAME_EXCHANGE) != 0;
    NameRequest.Rename request =
        new NameRequest.Rename(handle(), name, to.handle(), newName, flags);
    Response.Renamed now =
        move(request, to, exchanges || replaced == file ? null : (GoferInode) file);
    attributes.setChanged(now.first(), since);
    if (to != this) {
      to.attributes.setChanged(now.second(), toSince);
    }
    ((GoferInode) file).changed();
    if (replaced instanceof GoferInode other && other != file) {
      if (exchanges) {
        other.changed();
      } else {
        other.wasReplaced();
      }
    }
  }

  /**
   * @param moved the file that has the new name only; null if both names stay
   */
  private Response.Renamed move(
      NameRequest.Rename request, GoferDirectory to, @Nullable GoferInode moved)
      throws ErrnoException {
    boolean done = false;
    if (to != this) {
      to.beginChange();
    }
    try {
      Response.Renamed now = change(request.name(), request, null, null);
      done = true;
      return now;
    } finally {
      boolean alone = to == this || to.endChange();
      if (done && alone && moved != null) {
        to.added(request.newName(), moved);
      } else {
        to.namesUnknown();
        namesUnknown();
      }
    }
  }
}
