package dev.skerry.gofer;

import dev.skerry.abi.Errno;
import dev.skerry.goferproto.Request;
import dev.skerry.goferproto.RequestCodec;
import dev.skerry.goferproto.RequestException;
import dev.skerry.goferproto.Response;
import dev.skerry.goferproto.ResponseCodec;
import dev.skerry.hostos.Host;
import dev.skerry.wire.WireException;
import java.nio.ByteBuffer;

/** One connection with the sentry: takes requests and answers them until the sentry closes it. */
final class Channel implements Runnable {
  private final int socket;
  private final FileServer server;
  private final byte[] message;
  private final int[] passed = new int[1];

  /**
   * @param room for a message, in bytes; a longer one ends the connection
   */
  Channel(int socket, FileServer server, int room) {
    this.socket = socket;
    this.server = server;
    this.message = new byte[room];
  }

  @Override
  public void run() {
    try {
      while (serveOne()) {}
    } catch (WireException e) {
      System.err.println("gofer: a malformed request ends the connection: ".concat(e.getMessage()));
    } catch (RuntimeException e) {
      System.err.println("gofer: a bug ends the connection");
      e.printStackTrace();
    } finally {
      Host.os().close(socket);
    }
  }

  private boolean serveOne() throws WireException {
    long length = Host.os().receiveMessage(socket, message, passed);
    if (length > 0 && passed[0] != -1) {
      if (passed[0] >= 0) {
        Host.os().close(passed[0]);
      }
      throw new WireException("a descriptor came along");
    }
    if (length == -Errno.EMSGSIZE) {
      throw new WireException("it is too long");
    }
    if (length <= 0) {
      return false;
    }
    Request<?> request = RequestCodec.decode(ByteBuffer.wrap(message, 0, (int) length));
    Response response;
    try {
      response = request.serve(server);
    } catch (RequestException e) {
      response = new Response.Failed(e.errno());
    }
    return answer(response);
  }

  private boolean answer(Response response) {
    Donations donations = server.donations();
    try {
      ByteBuffer buffer = ByteBuffer.wrap(message);
      ResponseCodec.encode(response, buffer);
      int length = buffer.position();
      int given = response.error() == 0 ? donations.count() : 0;
      return Host.os().sendMessage(socket, message, length, donations.descriptors(), given)
          == length;
    } finally {
      donations.close();
    }
  }
}
