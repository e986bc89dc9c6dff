package dev.skerry.service.lifecycle;

import dev.skerry.control.ControlCodec;
import dev.skerry.control.ExitRecord;
import dev.skerry.control.Reply;
import dev.skerry.control.Request;
import dev.skerry.control.SpoolFrame;
import dev.skerry.wire.WireException;
import java.io.Closeable;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The service's view of a sandbox without one: a real control socket and a real spool in a real
 * directory, and a process of the host's that plays the launcher's monitor.
 */
final class FakeSentry implements Closeable {
  private final Path directory;
  private final ServerSocketChannel server;
  private final Process monitor;
  private final List<SocketChannel> connections = new CopyOnWriteArrayList<>();
  private final int firstCredit;
  private long sequence;

  /** What has been asked, in order; {@link Request.Input} too. */
  final List<Request> requests = new CopyOnWriteArrayList<>();

  /** What is answered; null for nothing. */
  volatile Function<Request, @Nullable Reply> answer = FakeSentry::agree;

  FakeSentry(Path directory, int firstCredit) throws IOException {
    this.directory = directory;
    this.firstCredit = firstCredit;
    this.server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(directory.resolve("control.sock")));
    this.monitor =
        new ProcessBuilder("sh", "-c", "read line; :", "sh", "--state", directory.toString())
            .start();
    Files.writeString(directory.resolve("pids"), "monitor=" + monitor.pid() + "\ninit=999999999\n");
    Files.createFile(directory.resolve("spool"));
    Thread.ofPlatform().daemon().start(this::accept);
  }

  static @Nullable Reply agree(Request request) {
    return switch (request) {
      case Request.Create ignored -> new Reply.Created(List.of());
      case Request.Query ignored -> new Reply.Report(true, 1, List.of(), List.of());
      case Request.Input ignored -> null;
      case Request.EndInput ignored -> null;
      case Request.Resize ignored -> null;
      default -> new Reply.Done();
    };
  }

  private void accept() {
    try {
      while (true) {
        SocketChannel connection = server.accept();
        connections.add(connection);
        write(connection, new Reply.Credit(firstCredit));
        Thread.ofPlatform().daemon().start(() -> serve(connection));
      }
    } catch (IOException closed) {
      return;
    }
  }

  private void serve(SocketChannel connection) {
    ByteBuffer length = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
    try {
      while (readFully(connection, length.clear())) {
        ByteBuffer message = ByteBuffer.allocate(length.getInt(0));
        readFully(connection, message);
        Request request = ControlCodec.decodeRequest(message.flip());
        requests.add(request);
        Reply reply = answer.apply(request);
        if (reply != null) {
          write(connection, reply);
        }
      }
    } catch (IOException | WireException ended) {
      return;
    }
  }

  private static boolean readFully(SocketChannel channel, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        return false;
      }
    }
    return true;
  }

  private static synchronized void write(SocketChannel connection, Reply reply) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(ControlCodec.encode(reply));
    while (bytes.hasRemaining()) {
      connection.write(bytes);
    }
  }

  /** Tells every connection. */
  void tell(Reply reply) throws IOException {
    for (SocketChannel connection : connections) {
      write(connection, reply);
    }
  }

  void output(int stream, byte[] data) throws IOException {
    byte[] frame = new byte[SpoolFrame.HEADER + data.length];
    SpoolFrame.putHeader(frame, data.length, stream, ++sequence, now());
    System.arraycopy(data, 0, frame, SpoolFrame.HEADER, data.length);
    append(frame);
  }

  void append(byte[] bytes) throws IOException {
    Files.write(directory.resolve("spool"), bytes, StandardOpenOption.APPEND);
  }

  /** Writes the exit record as a sentry does, says so, and goes. */
  void exit(ExitRecord exit) throws IOException {
    append(SpoolFrame.exit(++sequence, now(), exit));
    tell(new Reply.Ended(exit, new Reply.Report(true, 0, List.of(), List.of())));
    close();
  }

  private static long now() {
    return System.currentTimeMillis() * 1_000_000;
  }

  /** Ends without a word. */
  @Override
  public void close() throws IOException {
    server.close();
    for (SocketChannel connection : connections) {
      connection.close();
    }
    monitor.destroyForcibly();
    try {
      monitor.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
