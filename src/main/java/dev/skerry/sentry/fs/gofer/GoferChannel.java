package dev.skerry.sentry.fs.gofer;

import dev.skerry.goferproto.Limits;
import dev.skerry.goferproto.Request;
import dev.skerry.goferproto.RequestCodec;
import dev.skerry.goferproto.Response;
import dev.skerry.goferproto.ResponseCodec;
import dev.skerry.hostos.Host;
import dev.skerry.sentry.waiter.ServingThread;
import dev.skerry.wire.MessageReader;
import dev.skerry.wire.WireException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** One channel to the gofer, for one call at a time. */
final class GoferChannel {
  private final int socket;
  private final byte[] message = new byte[Limits.MESSAGE];
  private final ByteBuffer buffer = ByteBuffer.wrap(message);
  private final int[] passed = {-1};
  private int error;

  GoferChannel(int socket) {
    this.socket = socket;
  }

  /** The positive error number of the last call, or zero. */
  int error() {
    return error;
  }

  /**
   * Sends the request and waits for the response.
   *
   * @return null if it failed; {@link #error} says why
   * @throws WireException if the gofer is gone or talks nonsense
   */
  <R extends Response> @Nullable R call(Request<R> request) throws WireException {
    buffer.clear();
    RequestCodec.encode(request, buffer);
    int length = buffer.position();
    if (Host.os().sendMessage(socket, message, length, -1) != length) {
      throw new WireException("the gofer takes no more requests");
    }
    ServingThread.sleeping();
    long received = Host.os().receiveMessage(socket, message, passed);
    if (received <= 0) {
      throw new WireException("the gofer has gone");
    }
    buffer.clear().limit((int) received);
    MessageReader in = new MessageReader(buffer);
    error = ResponseCodec.decodeError(in);
    return error == 0 ? ResponseCodec.decodeFields(request, in) : null;
  }

  /** The descriptor that came with the last response, the caller's from now on; -1 if none did. */
  int takeDonated() {
    int fd = passed[0];
    passed[0] = -1;
    return fd;
  }

  /** Waits until the gofer is gone. */
  void awaitEnd() {
    long received;
    do {
      received = Host.os().receiveMessage(socket, message, passed);
      int fd = takeDonated();
      if (fd >= 0) {
        Host.os().close(fd);
      }
    } while (received > 0);
  }
}
