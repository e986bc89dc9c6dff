package dev.skerry.goferproto;

import dev.skerry.wire.MessageReader;
import dev.skerry.wire.MessageWriter;
import dev.skerry.wire.WireException;
import java.nio.ByteBuffer;

/** Requests as bytes. */
public final class RequestCodec {
  private RequestCodec() {}

  /**
   * @param buffer empty, of {@link Limits#MESSAGE} bytes
   */
  public static void encode(Request<?> request, ByteBuffer buffer) {
    MessageWriter out = new MessageWriter(buffer);
    out.u8(request.kind());
    request.writeFields(out);
  }

  /**
   * @param buffer one whole message
   */
  public static Request<?> decode(ByteBuffer buffer) throws WireException {
    MessageReader in = new MessageReader(buffer);
    Request<?> request = decodeKind(in);
    in.end();
    return request;
  }

  private static Request<?> decodeKind(MessageReader in) throws WireException {
    int kind = in.u8();
    return switch (kind) {
      case FileRequest.Attach.KIND -> FileRequest.Attach.read(in);
      case FileRequest.Walk.KIND -> FileRequest.Walk.read(in);
      case FileRequest.Find.KIND -> FileRequest.Find.read(in);
      case FindTree.KIND -> FindTree.read(in);
      case FileRequest.GetAttributes.KIND -> FileRequest.GetAttributes.read(in);
      case FileRequest.SetAttributes.KIND -> FileRequest.SetAttributes.read(in);
      case FileRequest.Open.KIND -> FileRequest.Open.read(in);
      case NameRequest.Create.KIND -> NameRequest.Create.read(in);
      case NameRequest.CreateTemporary.KIND -> NameRequest.CreateTemporary.read(in);
      case NameRequest.MakeDirectory.KIND -> NameRequest.MakeDirectory.read(in);
      case NameRequest.MakeNode.KIND -> NameRequest.MakeNode.read(in);
      case NameRequest.MakeSymlink.KIND -> NameRequest.MakeSymlink.read(in);
      case NameRequest.Link.KIND -> NameRequest.Link.read(in);
      case NameRequest.Unlink.KIND -> NameRequest.Unlink.read(in);
      case NameRequest.Rename.KIND -> NameRequest.Rename.read(in);
      case FileRequest.ReadLink.KIND -> FileRequest.ReadLink.read(in);
      case FileRequest.ReadDirectory.KIND -> FileRequest.ReadDirectory.read(in);
      case FileRequest.GetFileSystem.KIND -> FileRequest.GetFileSystem.read(in);
      case FileRequest.Sync.KIND -> FileRequest.Sync.read(in);
      case FileRequest.GetXattr.KIND -> FileRequest.GetXattr.read(in);
      case FileRequest.SetXattr.KIND -> FileRequest.SetXattr.read(in);
      case FileRequest.RemoveXattr.KIND -> FileRequest.RemoveXattr.read(in);
      case FileRequest.ListXattr.KIND -> FileRequest.ListXattr.read(in);
      case FileRequest.Close.KIND -> FileRequest.Close.read(in);
      default -> throw new WireException("request of kind " + kind);
    };
  }
}
