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
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** One channel to the gofer, for one call at a time. */
final class GoferChannel {
  private final int socket;
  private final byte[] message;
  private final ByteBuffer buffer;
  private final int[] passed = new int[Limits.OPEN];
  private int error;

  GoferChannel(int socket) {
    this(socket, Limits.MESSAGE);
  }

  /**
   * A channel that carries no calls, but shows when the gofer ends; like the gofer's end of it
   * without room for messages.
   */
  static GoferChannel lifeline(int socket) {
    return new GoferChannel(socket, 1);
  }

  private GoferChannel(int socket, int room) {
    this.socket = socket;
    this.message = new byte[room];
    this.buffer = ByteBuffer.wrap(message);
    Arrays.fill(passed, -1);
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
    if (Host.os().sendMessage(socket, message, length, passed, 0) != length) {
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

  /**
   * The descriptors that came with the last response, the caller's from now on, and then -1;
   * -EMFILE at the beginning if there was no room for them.
   */
  int[] donated() {
    return passed;
  }

  /** Closes the descriptors that nobody wants. */
  void closeDonated() {
    for (int i = 0; i < passed.length && passed[i] >= 0; i++) {
      Host.os().close(passed[i]);
    }
    Arrays.fill(passed, -1);
  }

  /** Waits until the gofer is gone. */
  void awaitEnd() {
    long received;
    do {
      received = Host.os().receiveMessage(socket, message, passed);
      closeDonated();
    } while (received > 0);
  }
}
