package dev.skerry.control;

import dev.skerry.wire.WireException;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/** Speaks with one sentry, request by request. */
public final class ControlClient implements AutoCloseable {
  private final SocketChannel channel;

  public ControlClient(Path socket) throws IOException {
    channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    channel.connect(UnixDomainSocketAddress.of(socket));
  }

  public void send(Request request) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(ControlCodec.encode(request));
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /** The next reply of whatever kind. */
  public Reply receive() throws IOException {
    int length = read(Integer.BYTES).getInt();
    try {
      return ControlCodec.decodeReply(read(length));
    } catch (WireException e) {
      throw new IOException(e);
    }
  }

  private ByteBuffer read(int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes) < 0) {
        throw new EOFException("the sentry has closed the connection");
      }
    }
    return bytes.flip();
  }

  /** Sends a request, and returns its answer; credit and the end are passed over. */
  public Reply ask(Request request) throws IOException {
    send(request);
    while (true) {
      Reply reply = receive();
      if (!(reply instanceof Reply.Credit)) {
        return reply;
      }
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
