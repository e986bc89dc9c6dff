package dev.skerry.goferproto;

import dev.skerry.wire.MessageReader;
import dev.skerry.wire.MessageWriter;
import dev.skerry.wire.WireException;
import java.nio.ByteBuffer;

/** Responses as bytes. Which one it is, the request tells. */
public final class ResponseCodec {
  /** The greatest error number that can be told. */
  private static final int MOST_ERROR = 133;

  private ResponseCodec() {}

  /**
   * @param buffer empty, of {@link Limits#MESSAGE} bytes
   */
  public static void encode(Response response, ByteBuffer buffer) {
    MessageWriter out = new MessageWriter(buffer);
    out.i32(response.error());
    response.writeFields(out);
  }

  /**
   * The error number of the message, which a successful response's fields follow.
   *
   * @return zero or a positive error number
   */
  public static int decodeError(MessageReader in) throws WireException {
    int error = readErrorNumber(in);
    if (error != 0) {
      in.end();
    }
    return error;
  }

  static int readErrorNumber(MessageReader in) throws WireException {
    int error = in.i32();
    if (error < 0 || error > MOST_ERROR) {
      throw new WireException("error number is " + error);
    }
    return error;
  }

  /** The fields of a successful response, up to the message's end. */
  public static <R extends Response> R decodeFields(Request<R> request, MessageReader in)
      throws WireException {
    R response = request.readResponse(in);
    in.end();
    return response;
  }
}
