package dev.skerry.goferproto;

import dev.skerry.wire.MessageReader;
import dev.skerry.wire.MessageWriter;
import dev.skerry.wire.WireException;
import java.util.List;

/** What finds, examines and opens files, and changes all but their names. */
public sealed interface FileRequest<R extends Response> extends Request<R> {
  /** Gives a handle to the root of a mount. */
  record Attach(int mount) implements FileRequest<Response.Attached> {
    static final int KIND = 1;

    @Override
    public int kind() {
      return KIND;
    }

    @Override
    public void writeFields(MessageWriter out) {
      out.i32(mount);
    }

    static Attach read(MessageReader in) throws WireException {
      return new Attach(in.i32());
    }

    @Override
    public Response.Attached readResponse(MessageReader in) throws WireException {
      return Response.Attached.read(in);
    }

    @Override
    public Response serve(RequestHandler handler) throws RequestException {
      return handler.attach(this);
    }
  }

  /**
   * Follows names from a directory, and gives a handle to every file on the way. It stops at a
   * symbolic link and at a name that is not there.
   *
   * @param opens whether the last file, if all names are found and it is a regular one, is opened
   *     for reading: then its descriptor comes with the response
   */
  record Walk(int directory, boolean opens, List<String> names)
      implements FileRequest<Response.Walked> {
    static final int KIND = 2;

    @Override
    public int kind() {
      return KIND;
    }

    @Override
    public void writeFields(MessageWriter out) {
      out.i32(directory).bool(opens).i32(names.size());
      for (String name : names) {
        out.latin1(name);
      }
    }

    static Walk read(MessageReader in) throws WireException {
      return new Walk(in.i32(), in.bool(), Names.readList(in, Limits.WALK));
    }

    @Override
    public Response.Walked readResponse(MessageReader in) throws WireException {
      return Response.Walked.read(in);
    }

    @Override
    public Response serve(RequestHandler handler) throws RequestException {
      return handler.walk(this);
    }
  }

  /** Looks up names of one directory, each for itself, and gives a handle to every file found. */
  record Find(int directory, List<String> names) implements FileRequest<Response.FoundEach> {
    static final int KIND = 23;

    @Override
    public int kind() {
      return KIND;
    }

    @Override
    public void writeFields(MessageWriter out) {
      out.i32(directory).i32(names.size());
      for (String name : names) {
        out.latin1(name);
      }
    }

    static Find read(MessageReader in) throws WireException {
      return new Find(in.i32(), Names.readList(in, Limits.FIND));
    }

    @Override
    public Response.FoundEach readResponse(MessageReader in) throws WireException {
      return Response.FoundEach.read(in, names.size());
    }

    @Override
    public Response serve(RequestHandler handler) throws RequestException {
      return handler.find(this);
    }
  }

  /** Asks for the attributes. */
  record GetAttributes(int handle) implements FileRequest<Response.Status> {
    static final int KIND = 3;

    @Override
    public int kind() {
      return KIND;
    }

    @Override
    public void writeFields(MessageWriter out) {
      out.i32(handle);
    }

    static GetAttributes read(MessageReader in) throws WireException {
      return new GetAttributes(in.i32());
    }

    @Override
    public Response.Status readResponse(MessageReader in) throws WireException {
      return Response.Status.read(in);
    }

    @Override
    public Response serve(RequestHandler handler) throws RequestException {
      return handler.getAttributes(this);
    }
  }

  /**
   * Sets attributes: owner, then mode, size and times.
   *
   * @param mode the 07777 bits, or -1 to keep it; likewise {@code uid} and {@code gid}
   * @param size in bytes, or {@link #KEEP}
   * @param atime in nanoseconds since the epoch, or {@link #KEEP}; likewise {@code mtime}
   */
  record SetAttributes(int handle, int mode, int uid, int gid, long size, long atime, long mtime)
      implements FileRequest<Response.Status> {
    static final int KIND = 4;

    @Override
    public int kind() {
      return KIND;
    }

    @Override
    public void writeFields(MessageWriter out) {
      out.i32(handle).i32(mode).i32(uid).i32(gid).i64(size).i64(atime).i64(mtime);
    }

    static SetAttributes read(MessageReader in) throws WireException {
      return new SetAttributes(
          in.i32(), in.i32(), in.i32(), in.i32(), in.i64(), in.i64(), in.i64());
    }

    @Override
    public Response.Status readResponse(MessageReader in) throws WireException {
      return Response.Status.read(in);
    }

    @Override
    public Response serve(RequestHandler handler) throws RequestException {
      return handler.setAttributes(this);
    }
  }

  /**
   * Opens regular files, each for itself: the descriptors come with the response. If the first
   * cannot be opened the request fails.
   */
  record Open(boolean writable, int... handles) implements FileRequest<Response.Opened> {
    static final int KIND = 5;

    @Override
    public int kind() {
      return KIND;
    }

    @Override
    public void writeFields(MessageWriter out) {
      out.bool(writable).i32(handles.length);
      for (int handle : handles) {
        out.i32(handle);
      }
    }

    static Open read(MessageReader in) throws WireException {
      boolean writable = in.bool();
      int[] handles = new int[in.count(Limits.OPEN, Integer.BYTES)];
      for (int i = 0; i < handles.length; i++) {
        handles[i] = in.i32();
      }
      return new Open(writable, handles);
    }

    @Override
    public Response.Opened readResponse(MessageReader in) throws WireException {
      return Response.Opened.read(in, handles.length);
    }

    @Override
    public Response serve(RequestHandler handler) throws RequestException {
      return handler.open(this);
    }
  }

  /** readlink(2). */
  record ReadLink(int handle) implements FileRequest<Response.Target> {
    static final int KIND = 14;

    @Override
    public int kind() {
      return KIND;
    }

    @Override
    public void writeFields(MessageWriter out) {
      out.i32(handle);
    }

    static ReadLink read(MessageReader in) throws WireException {
      return new ReadLink(in.i32());
    }

    @Override
    public Response.Target readResponse(MessageReader in) throws WireException {
      return Response.Target.read(in);
    }

    @Override
    public Response serve(RequestHandler handler) throws RequestException {
      return handler.readLink(this);
    }
  }

  /** Lists the directory, from its beginning or from where the last listing of the handle ended. */
  record ReadDirectory(int handle, boolean restart) implements FileRequest<Response.Listing> {
    static final int KIND = 15;

    @Override
    public int kind() {
      return KIND;
    }

    @Override
    public void writeFields(MessageWriter out) {
      out.i32(handle).bool(restart);
    }

    static ReadDirectory read(MessageReader in) throws WireException {
      return new ReadDirectory(in.i32(), in.bool());
    }

    @Override
    public Response.Listing readResponse(MessageReader in) throws WireException {
      return Response.Listing.read(in);
    }

    @Override
    public Response serve(RequestHandler handler) throws RequestException {
      return handler.readDirectory(this);
    }
  }

  /** statfs(2). */
  record GetFileSystem(int handle) implements FileRequest<Response.FileSystemStatus> {
    static final int KIND = 16;

    @Override
    public int kind() {
      return KIND;
    }

    @Override
    public void writeFields(MessageWriter out) {
      out.i32(handle);
    }

    static GetFileSystem read(MessageReader in) throws WireException {
      return new GetFileSystem(in.i32());
    }

    @Override
    public Response.FileSystemStatus readResponse(MessageReader in) throws WireException {
      return Response.FileSystemStatus.read(in);
    }

    @Override
    public Response serve(RequestHandler handler) throws RequestException {
      return handler.getFileSystem(this);
    }
  }

  /** fsync(2) of a directory. */
  record Sync(int handle) implements FileRequest<Response.Done> {
    static final int KIND = 17;

    @Override
    public int kind() {
      return KIND;
    }

    @Override
    public void writeFields(MessageWriter out) {
      out.i32(handle);
    }

    static Sync read(MessageReader in) throws WireException {
      return new Sync(in.i32());
    }

    @Override
    public Response.Done readResponse(MessageReader in) throws WireException {
      return Response.Done.read(in);
    }

    @Override
    public Response serve(RequestHandler handler) throws RequestException {
      return handler.sync(this);
    }
  }

  /** getxattr(2), for regular files and directories. */
  record GetXattr(int handle, String name) implements FileRequest<Response.Value> {
    static final int KIND = 18;

    @Override
    public int kind() {
      return KIND;
    }

    @Override
    public void writeFields(MessageWriter out) {
      out.i32(handle).latin1(name);
    }

    static GetXattr read(MessageReader in) throws WireException {
      return new GetXattr(in.i32(), Names.readText(in, Limits.NAME));
    }

    @Override
    public Response.Value readResponse(MessageReader in) throws WireException {
      return Response.Value.read(in);
    }

    @Override
    public Response serve(RequestHandler handler) throws RequestException {
      return handler.getXattr(this);
    }
  }

  /** setxattr(2), for regular files and directories. */
  record SetXattr(int handle, String name, byte[] value, int flags)
      implements FileRequest<Response.Status> {
    static final int KIND = 19;

    @Override
    public int kind() {
      return KIND;
    }

    @Override
    public void writeFields(MessageWriter out) {
      out.i32(handle).latin1(name).bytes(value).i32(flags);
    }

    static SetXattr read(MessageReader in) throws WireException {
      return new SetXattr(
          in.i32(), Names.readText(in, Limits.NAME), in.bytes(Limits.XATTR), in.i32());
    }

    @Override
    public Response.Status readResponse(MessageReader in) throws WireException {
      return Response.Status.read(in);
    }

    @Override
    public Response serve(RequestHandler handler) throws RequestException {
      return handler.setXattr(this);
    }
  }

  /** removexattr(2), for regular files and directories. */
  record RemoveXattr(int handle, String name) implements FileRequest<Response.Status> {
    static final int KIND = 20;

    @Override
    public int kind() {
      return KIND;
    }

    @Override
    public void writeFields(MessageWriter out) {
      out.i32(handle).latin1(name);
    }

    static RemoveXattr read(MessageReader in) throws WireException {
      return new RemoveXattr(in.i32(), Names.readText(in, Limits.NAME));
    }

    @Override
    public Response.Status readResponse(MessageReader in) throws WireException {
      return Response.Status.read(in);
    }

    @Override
    public Response serve(RequestHandler handler) throws RequestException {
      return handler.removeXattr(this);
    }
  }

  /** listxattr(2), for regular files and directories. */
  record ListXattr(int handle) implements FileRequest<Response.Value> {
    static final int KIND = 21;

    @Override
    public int kind() {
      return KIND;
    }

    @Override
    public void writeFields(MessageWriter out) {
      out.i32(handle);
    }

    static ListXattr read(MessageReader in) throws WireException {
      return new ListXattr(in.i32());
    }

    @Override
    public Response.Value readResponse(MessageReader in) throws WireException {
      return Response.Value.read(in);
    }

    @Override
    public Response serve(RequestHandler handler) throws RequestException {
      return handler.listXattr(this);
    }
  }

  /** Gives handles back; those that do not exist are passed over. */
  record Close(int[] handles) implements FileRequest<Response.Done> {
    static final int KIND = 22;

    @Override
    public int kind() {
      return KIND;
    }

    @Override
    public void writeFields(MessageWriter out) {
      out.i32(handles.length);
      for (int handle : handles) {
        out.i32(handle);
      }
    }

    static Close read(MessageReader in) throws WireException {
      int[] handles = new int[in.count(Limits.CLOSE, Integer.BYTES)];
      for (int i = 0; i < handles.length; i++) {
        handles[i] = in.i32();
      }
      return new Close(handles);
    }

    @Override
    public Response.Done readResponse(MessageReader in) throws WireException {
      return Response.Done.read(in);
    }

    @Override
    public Response serve(RequestHandler handler) throws RequestException {
      return handler.close(this);
    }
  }
}
