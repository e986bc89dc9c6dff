package dev.skerry.goferproto;

import dev.skerry.wire.MessageReader;
import dev.skerry.wire.MessageWriter;
import dev.skerry.wire.WireException;
import java.util.List;

/**
 * Looks up names of one directory, and lists directories among them and below, each with all below
 * it before the next one. The answer ends where the message is full: it tells of the first name, or
 * the request fails, and of as many others as there is room for.
 *
 * @param listings how many directories are listed at most
 * @param all whether all files in those are looked up, not only directories
 */
public record FindTree(int directory, List<String> names, int listings, boolean all)
    implements Request<Response.Tree> {
  static final int KIND = 24;

  @Override
  public int kind() {
    return KIND;
  }

  @Override
  public void writeFields(MessageWriter out) {
    out.i32(directory).i32(listings).bool(all).i32(names.size());
    for (String name : names) {
      out.latin1(name);
    }
  }

  static FindTree read(MessageReader in) throws WireException {
    int directory = in.i32();
    int listings = in.i32();
    boolean all = in.bool();
    List<String> names = Names.readList(in, Limits.FIND);
    if (listings < 0 || listings > Limits.LISTINGS || names.isEmpty()) {
      throw new WireException("nothing, or too much, is looked for");
    }
    return new FindTree(directory, names, listings, all);
  }

  @Override
  public Response.Tree readResponse(MessageReader in) throws WireException {
    return Response.Tree.read(in, names.size());
  }

  @Override
  public Response serve(RequestHandler handler) throws RequestException {
    return handler.findTree(this);
  }
}
