package dev.skerry.gofer;

import dev.skerry.abi.Errno;
import dev.skerry.goferproto.Attributes;
import dev.skerry.goferproto.FileRequest;
import dev.skerry.goferproto.FindTree;
import dev.skerry.goferproto.Found;
import dev.skerry.goferproto.NameRequest;
import dev.skerry.goferproto.RequestException;
import dev.skerry.goferproto.RequestHandler;
import dev.skerry.goferproto.Response;
import dev.skerry.hostos.Host;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Serves the requests of one channel, one at a time. */
final class FileServer implements RequestHandler {
  /** RENAME_NOREPLACE and RENAME_EXCHANGE of renameat2(2). */
  private static final int RENAME_FLAGS = 3;

  private final List<MountPoint> mounts;
  private final HandleTable handles;
  private final HostFiles files;
  private final NewFiles newFiles;
  private final AttributeChanges changes;
  private final ExtendedAttributes extended;
  private final Donations donations = new Donations();

  /**
   * @param self descriptor of the directory of this process's own descriptors
   */
  FileServer(List<MountPoint> mounts, HandleTable handles, int self) {
    this.mounts = mounts;
    this.handles = handles;
    files = new HostFiles(self, handles);
    newFiles = new NewFiles(files);
    changes = new AttributeChanges(files);
    extended = new ExtendedAttributes(files);
  }

  /** What goes with the response. */
  Donations donations() {
    return donations;
  }

  @Override
  public Response attach(FileRequest.Attach request) throws RequestException {
    if (request.mount() < 0 || request.mount() >= mounts.size()) {
      throw new RequestException(Errno.ENODEV);
    }
    MountPoint mount = mounts.get(request.mount());
    return new Response.Attached(files.add(HostFiles.check(Host.os().dup(mount.fd())), mount));
  }

  @Override
  public Response walk(FileRequest.Walk request) throws RequestException {
    try (Handle start = handles.acquire(request.directory())) {
      return walk(start, request.names(), request.opens());
    }
  }

  private Response.Walked walk(Handle start, List<String> names, boolean opens)
      throws RequestException {
    Attributes before = HostFiles.attributes(start.fd());
    List<Found> found = new ArrayList<>(names.size());
    Handle current = start;
    int stop = 0;
    for (int i = 0; i < names.size() && stop == 0 && current.type() != Handle.S_IFLNK; i++) {
      try {
        current.requireDirectory();
        int fd = HostFiles.openIn(current.fd(), names.get(i), HostFiles.O_PATH, 0);
        Found file = files.add(fd, start.mount());
        found.add(file);
        Handle next = handles.acquire(file.handle());
        leave(current, start);
        current = next;
      } catch (RequestException e) {
        stop = e.errno();
      }
    }
    boolean whole = stop == 0 && found.size() == names.size();
    boolean opened = opens && whole && openAhead(current);
    leave(current, start);
    if (stop == Errno.ENFILE && found.isEmpty()) {
      throw new RequestException(stop);
    }
    return new Response.Walked(before, found, stop, opened);
  }

  /** What cannot be opened now is asked for by itself, and fails then. */
  private boolean openAhead(Handle file) {
    if (file.type() != Handle.S_IFREG) {
      return false;
    }
    try {
      donations.add(files.reopen(file, HostFiles.O_RDONLY));
      return true;
    } catch (RequestException e) {
      return false;
    }
  }

  @Override
  public Response find(FileRequest.Find request) throws RequestException {
    List<String> names = request.names();
    @Nullable Found[] found = new Found[names.size()];
    int[] errors = new int[names.size()];
    try (Handle directory = handles.acquire(request.directory())) {
      directory.requireDirectory();
      for (int i = 0; i < found.length; i++) {
        try {
          int fd = HostFiles.openIn(directory.fd(), names.get(i), HostFiles.O_PATH, 0);
          found[i] = files.add(fd, directory.mount());
        } catch (RequestException e) {
          if (i == 0 && e.errno() == Errno.ENFILE) {
            throw e;
          }
          errors[i] = e.errno();
        }
      }
    }
    return new Response.FoundEach(found, errors);
  }

  @Override
  public Response findTree(FindTree request) throws RequestException {
    try (Handle directory = handles.acquire(request.directory())) {
      return new TreeFinder(files, handles, request).find(directory);
    }
  }

  private static void leave(Handle handle, Handle start) {
    if (handle != start) {
      handle.close();
    }
  }

  @Override
  public Response getAttributes(FileRequest.GetAttributes request) throws RequestException {
    try (Handle handle = handles.acquire(request.handle())) {
      return new Response.Status(HostFiles.attributes(handle.fd()));
    }
  }

  @Override
  public Response setAttributes(FileRequest.SetAttributes request) throws RequestException {
    try (Handle handle = handles.acquire(request.handle())) {
      handle.requireWritable();
      return changes.set(handle, request);
    }
  }

  @Override
  public Response open(FileRequest.Open request) throws RequestException {
    int[] errors = new int[request.handles().length];
    for (int i = 0; i < errors.length; i++) {
      try {
        donations.add(open(request.handles()[i], request.writable()));
      } catch (RequestException e) {
        if (i == 0) {
          throw e;
        }
        errors[i] = e.errno();
      }
    }
    return new Response.Opened(errors);
  }

  private int open(int number, boolean writable) throws RequestException {
    try (Handle handle = handles.acquire(number)) {
      if (writable) {
        handle.requireWritable();
      }
      if (handle.type() != Handle.S_IFREG) {
        throw new RequestException(handle.isDirectory() ? Errno.EISDIR : Errno.EPERM);
      }
      return files.reopen(handle, writable ? HostFiles.O_RDWR : HostFiles.O_RDONLY);
    }
  }

  @Override
  public Response create(NameRequest.Create request) throws RequestException {
    try (Handle directory = handles.acquire(request.directory())) {
      return newFiles.create(directory, request, donations);
    }
  }

  @Override
  public Response createTemporary(NameRequest.CreateTemporary request) throws RequestException {
    try (Handle directory = handles.acquire(request.directory())) {
      return newFiles.createTemporary(directory, request, donations);
    }
  }

  @Override
  public Response makeDirectory(NameRequest.MakeDirectory request) throws RequestException {
    try (Handle directory = handles.acquire(request.directory())) {
      return newFiles.makeDirectory(directory, request);
    }
  }

  @Override
  public Response makeNode(NameRequest.MakeNode request) throws RequestException {
    try (Handle directory = handles.acquire(request.directory())) {
      return newFiles.makeNode(directory, request);
    }
  }

  @Override
  public Response makeSymlink(NameRequest.MakeSymlink request) throws RequestException {
    try (Handle directory = handles.acquire(request.directory())) {
      return newFiles.makeSymlink(directory, request);
    }
  }

  @Override
  public Response link(NameRequest.Link request) throws RequestException {
    try (Handle directory = handles.acquire(request.directory());
        Handle file = handles.acquire(request.handle())) {
      directory.requireWritableDirectory();
      requireSameMount(directory, file);
      if (file.isDirectory()) {
        throw new RequestException(Errno.EPERM);
      }
      files.link(file, directory, request.name());
      return attributesOf(file, directory);
    }
  }

  @Override
  public Response unlink(NameRequest.Unlink request) throws RequestException {
    try (Handle directory = handles.acquire(request.directory());
        Handle file = handles.acquire(request.handle())) {
      directory.requireWritableDirectory();
      int flags = request.isDirectory() ? HostFiles.AT_REMOVEDIR : 0;
      HostFiles.check(Host.os().unlinkat(directory.fd(), request.name(), flags));
      return attributesOf(file, directory);
    }
  }

  @Override
  public Response rename(NameRequest.Rename request) throws RequestException {
    try (Handle from = handles.acquire(request.directory());
        Handle to = handles.acquire(request.newDirectory())) {
      from.requireWritableDirectory();
      to.requireWritableDirectory();
      requireSameMount(from, to);
      if ((request.flags() & ~RENAME_FLAGS) != 0) {
        throw new RequestException(Errno.EINVAL);
      }
      HostFiles.check(
          Host.os()
              .renameat2(from.fd(), request.name(), to.fd(), request.newName(), request.flags()));
      return attributesOf(from, to);
    }
  }

  private static void requireSameMount(Handle one, Handle other) throws RequestException {
    if (one.mount() != other.mount()) {
      throw new RequestException(Errno.EXDEV);
    }
  }

  private static Response attributesOf(Handle first, Handle second) throws RequestException {
    Attributes attributes = HostFiles.attributes(first.fd());
    return new Response.Renamed(attributes, HostFiles.attributes(second.fd()));
  }

  @Override
  public Response readLink(FileRequest.ReadLink request) throws RequestException {
    try (Handle handle = handles.acquire(request.handle())) {
      return new Response.Target(changes.readLink(handle));
    }
  }

  @Override
  public Response readDirectory(FileRequest.ReadDirectory request) throws RequestException {
    try (Handle handle = handles.acquire(request.handle())) {
      handle.requireDirectory();
      return handle.listing().next(files, request.restart());
    }
  }

  @Override
  public Response getFileSystem(FileRequest.GetFileSystem request) throws RequestException {
    try (Handle handle = handles.acquire(request.handle())) {
      long[] s = new long[11];
      HostFiles.check(Host.os().fstatfs(handle.fd(), s));
      return new Response.FileSystemStatus(
          s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[10], s[7], s[8]);
    }
  }

  @Override
  public Response sync(FileRequest.Sync request) throws RequestException {
    try (Handle handle = handles.acquire(request.handle())) {
      handle.requireDirectory();
      int fd = files.reopen(handle, HostFiles.O_RDONLY | HostFiles.O_DIRECTORY);
      try {
        HostFiles.check(Host.os().fsync(fd));
      } finally {
        Host.os().close(fd);
      }
      return new Response.Done();
    }
  }

  @Override
  public Response getXattr(FileRequest.GetXattr request) throws RequestException {
    try (Handle handle = handles.acquire(request.handle())) {
      return extended.get(handle, request.name());
    }
  }

  @Override
  public Response setXattr(FileRequest.SetXattr request) throws RequestException {
    try (Handle handle = handles.acquire(request.handle())) {
      return extended.set(handle, request);
    }
  }

  @Override
  public Response removeXattr(FileRequest.RemoveXattr request) throws RequestException {
    try (Handle handle = handles.acquire(request.handle())) {
      return extended.remove(handle, request.name());
    }
  }

  @Override
  public Response listXattr(FileRequest.ListXattr request) throws RequestException {
    try (Handle handle = handles.acquire(request.handle())) {
      return extended.list(handle);
    }
  }

  @Override
  public Response close(FileRequest.Close request) {
    for (int handle : request.handles()) {
      handles.remove(handle);
    }
    return new Response.Done();
  }
}
