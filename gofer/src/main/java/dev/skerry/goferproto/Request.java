package dev.skerry.goferproto;

import dev.skerry.wire.MessageReader;
import dev.skerry.wire.MessageWriter;
import dev.skerry.wire.WireException;

/**
 * What the sentry asks of the gofer.
 *
 * @param <R> what answers it
 */
public sealed interface Request<R extends Response> permits FileRequest, FindTree, NameRequest {
  /** Leaves a size or a time as it is. */
  long KEEP = Long.MIN_VALUE;

  /** The byte that the message begins with. */
  int kind();

  void writeFields(MessageWriter out);

  R readResponse(MessageReader in) throws WireException;

  /** Hands the request to the method for its kind. */
  Response serve(RequestHandler handler) throws RequestException;
}
