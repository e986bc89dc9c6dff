package dev.skerry.goferproto;

import dev.skerry.wire.MessageReader;
import dev.skerry.wire.MessageWriter;
import dev.skerry.wire.WireException;

/** What makes, changes and removes names. */
public sealed interface NameRequest<R extends Response> extends Request<R> {
  /** Makes a regular file and opens it for reading and writing. EEXIST if the name is taken. */
  record Create(int directory, String name, int mode, int uid, int gid)
      implements NameRequest<Response.Created> {
    static final int KIND = 6;

    @Override
    public int kind() {
      return KIND;
    }

    @Override
    public void writeFields(MessageWriter out) {
      out.i32(directory).latin1(name).i32(mode).i32(uid).i32(gid);
    }

    static Create read(MessageReader in) throws WireException {
      return new Create(in.i32(), Names.read(in), in.i32(), in.i32(), in.i32());
    }

    @Override
    public Response.Created readResponse(MessageReader in) throws WireException {
      return Response.Created.read(in);
    }

    @Override
    public Response serve(RequestHandler handler) throws RequestException {
      return handler.create(this);
    }
  }

  /** Makes a regular file without a name (O_TMPFILE) and opens it for reading and writing. */
  record CreateTemporary(int directory, int mode, int uid, int gid)
      implements NameRequest<Response.Attached> {
    static final int KIND = 7;

    @Override
    public int kind() {
      return KIND;
    }

    @Override
    public void writeFields(MessageWriter out) {
      out.i32(directory).i32(mode).i32(uid).i32(gid);
    }

    static CreateTemporary read(MessageReader in) throws WireException {
      return new CreateTemporary(in.i32(), in.i32(), in.i32(), in.i32());
    }

    @Override
    public Response.Attached readResponse(MessageReader in) throws WireException {
      return Response.Attached.read(in);
    }

    @Override
    public Response serve(RequestHandler handler) throws RequestException {
      return handler.createTemporary(this);
    }
  }

  /** mkdir(2). */
  record MakeDirectory(int directory, String name, int mode, int uid, int gid)
      implements NameRequest<Response.Created> {
    static final int KIND = 8;

    @Override
    public int kind() {
      return KIND;
    }

    @Override
    public void writeFields(MessageWriter out) {
      out.i32(directory).latin1(name).i32(mode).i32(uid).i32(gid);
    }

    static MakeDirectory read(MessageReader in) throws WireException {
      return new MakeDirectory(in.i32(), Names.read(in), in.i32(), in.i32(), in.i32());
    }

    @Override
    public Response.Created readResponse(MessageReader in) throws WireException {
      return Response.Created.read(in);
    }

    @Override
    public Response serve(RequestHandler handler) throws RequestException {
      return handler.makeDirectory(this);
    }
  }

  /**
   * mknod(2) of a FIFO, a socket or a regular file.
   *
   * @param mode with the type bits
   */
  record MakeNode(int directory, String name, int mode, int uid, int gid)
      implements NameRequest<Response.Created> {
    static final int KIND = 9;

    @Override
    public int kind() {
      return KIND;
    }

    @Override
    public void writeFields(MessageWriter out) {
      out.i32(directory).latin1(name).i32(mode).i32(uid).i32(gid);
    }

    static MakeNode read(MessageReader in) throws WireException {
      return new MakeNode(in.i32(), Names.read(in), in.i32(), in.i32(), in.i32());
    }

    @Override
    public Response.Created readResponse(MessageReader in) throws WireException {
      return Response.Created.read(in);
    }

    @Override
    public Response serve(RequestHandler handler) throws RequestException {
      return handler.makeNode(this);
    }
  }

  /** symlink(2). */
  record MakeSymlink(int directory, String name, String target, int uid, int gid)
      implements NameRequest<Response.Created> {
    static final int KIND = 10;

    @Override
    public int kind() {
      return KIND;
    }

    @Override
    public void writeFields(MessageWriter out) {
      out.i32(directory).latin1(name).latin1(target).i32(uid).i32(gid);
    }

    static MakeSymlink read(MessageReader in) throws WireException {
      return new MakeSymlink(
          in.i32(), Names.read(in), Names.readText(in, Limits.TARGET), in.i32(), in.i32());
    }

    @Override
    public Response.Created readResponse(MessageReader in) throws WireException {
      return Response.Created.read(in);
    }

    @Override
    public Response serve(RequestHandler handler) throws RequestException {
      return handler.makeSymlink(this);
    }
  }

  /** Gives the file another name. Answers with the file, then the directory. */
  record Link(int directory, String name, int handle) implements NameRequest<Response.Renamed> {
    static final int KIND = 11;

    @Override
    public int kind() {
      return KIND;
    }

    @Override
    public void writeFields(MessageWriter out) {
      out.i32(directory).latin1(name).i32(handle);
    }

    static Link read(MessageReader in) throws WireException {
      return new Link(in.i32(), Names.read(in), in.i32());
    }

    @Override
    public Response.Renamed readResponse(MessageReader in) throws WireException {
      return Response.Renamed.read(in);
    }

    @Override
    public Response serve(RequestHandler handler) throws RequestException {
      return handler.link(this);
    }
  }

  /**
   * unlink(2) or rmdir(2) of the file that the handle stands for. Answers with the file, then the
   * directory.
   */
  record Unlink(int directory, String name, int handle, boolean isDirectory)
      implements NameRequest<Response.Renamed> {
    static final int KIND = 12;

    @Override
    public int kind() {
      return KIND;
    }

    @Override
    public void writeFields(MessageWriter out) {
      out.i32(directory).latin1(name).i32(handle).bool(isDirectory);
    }

    static Unlink read(MessageReader in) throws WireException {
      return new Unlink(in.i32(), Names.read(in), in.i32(), in.bool());
    }

    @Override
    public Response.Renamed readResponse(MessageReader in) throws WireException {
      return Response.Renamed.read(in);
    }

    @Override
    public Response serve(RequestHandler handler) throws RequestException {
      return handler.unlink(this);
    }
  }

  /** renameat2(2). Answers with the old directory, then the new one. */
  record Rename(int directory, String name, int newDirectory, String newName, int flags)
      implements NameRequest<Response.Renamed> {
    static final int KIND = 13;

    @Override
    public int kind() {
      return KIND;
    }

    @Override
    public void writeFields(MessageWriter out) {
      out.i32(directory).latin1(name).i32(newDirectory).latin1(newName).i32(flags);
    }

    static Rename read(MessageReader in) throws WireException {
      return new Rename(in.i32(), Names.read(in), in.i32(), Names.read(in), in.i32());
    }

    @Override
    public Response.Renamed readResponse(MessageReader in) throws WireException {
      return Response.Renamed.read(in);
    }

    @Override
    public Response serve(RequestHandler handler) throws RequestException {
      return handler.rename(this);
    }
  }
}
