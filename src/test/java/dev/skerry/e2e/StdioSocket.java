package dev.skerry.e2e;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A sandbox's standard streams, in either subprotocol. */
public final class StdioSocket implements AutoCloseable {
  public static final String SKERRY = "v1.skerry";
  public static final String KUBERNETES = "v5.channel.k8s.io";

  private static final Duration CLOSING = Duration.ofSeconds(5);
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  private final boolean numbered;
  private final WebSocket socket;
  private final Incoming incoming;

  /**
   * @param sequence 0 in the Kubernetes subprotocol, which has none
   */
  public record Frame(int stream, long sequence, byte[] data) {}

  private StdioSocket(WebSocket socket, Incoming incoming) {
    this.numbered = socket.getSubprotocol().equals(SKERRY);
    this.socket = socket;
    this.incoming = incoming;
  }

  /** From the first byte of output on. */
  public static StdioSocket open(ServiceProcess service, String id) {
    return open(service, id, SKERRY, 0, true);
  }

  /**
   * @param after the sequence number of the last frame that is known already
   * @param eager whether frames are asked for as fast as they come; otherwise by {@link #ask}
   */
  public static StdioSocket open(
      ServiceProcess service, String id, String protocol, long after, boolean eager) {
    URI uri =
        URI.create(
            service.uri().toString().replace("http:", "ws:")
                + "/v1/sandboxes/"
                + id
                + "/stdio?after="
                + after);
    Incoming incoming = new Incoming(protocol.equals(SKERRY), eager);
    WebSocket socket =
        CLIENT
            .newWebSocketBuilder()
            .header("Authorization", "Bearer " + service.token())
            .subprotocols(protocol)
            .connectTimeout(Duration.ofSeconds(10))
            .buildAsync(uri, incoming)
            .join();
    return new StdioSocket(socket, incoming);
  }

  /** Asks for so many more messages. */
  public void ask(int messages) {
    socket.request(messages);
  }

  /** Sends to channel 0 and, for the client's part, any other. */
  public void send(int channel, byte[] data) {
    byte[] message = new byte[data.length + 1];
    message[0] = (byte) channel;
    System.arraycopy(data, 0, message, 1, data.length);
    socket.sendBinary(ByteBuffer.wrap(message), true).join();
  }

  public void type(String text) {
    send(0, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Sends unless the server has closed meanwhile. Returns whether it has not. */
  public boolean sendIfOpen(int channel, byte[] data) {
    try {
      send(channel, data);
      return true;
    } catch (CompletionException e) {
      // The close that explains it may be on its way still.
      if (!Waiting.until(CLOSING, incoming.closed::isDone)) {
        throw e;
      }
      return false;
    }
  }

  /** Ends standard input; a sandbox that has ended already does not mind. */
  public void endInput() {
    sendIfOpen(255, new byte[] {0});
  }

  /** Waits for the server to close. Returns the close code. */
  public int awaitClose(Duration limit) throws TimeoutException {
    try {
      return incoming.closed.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new IllegalStateException("the connection broke", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Everything that has come on a stream so far: 1 output, 2 errors, 3 the end. */
  public byte[] bytes(int stream) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (Frame frame : frames()) {
      if (frame.stream() == stream) {
        all.writeBytes(frame.data());
      }
    }
    return all.toByteArray();
  }

  public String text(int stream) {
    return new String(bytes(stream), StandardCharsets.UTF_8);
  }

  /** Waits until the output holds a text. */
  public boolean sees(String text, Duration limit) {
    return Waiting.until(limit, () -> text(1).contains(text));
  }

  public List<Frame> frames() {
    synchronized (incoming.frames) {
      return List.copyOf(incoming.frames);
    }
  }

  public boolean isNumbered() {
    return numbered;
  }

  /** Drops the connection, as a failing network does. */
  @Override
  public void close() {
    socket.abort();
  }

  private static final class Incoming implements WebSocket.Listener {
    private final boolean numbered;
    private final boolean eager;
    private final ByteArrayOutputStream message = new ByteArrayOutputStream();
    private final CompletableFuture<Integer> closed = new CompletableFuture<>();
    private final List<Frame> frames = new ArrayList<>();

    Incoming(boolean numbered, boolean eager) {
      this.numbered = numbered;
      this.eager = eager;
    }

    @Override
    public void onOpen(WebSocket webSocket) {
      if (eager) {
        webSocket.request(Long.MAX_VALUE);
      }
    }

    @Override
    public @Nullable CompletionStage<?> onBinary(
        WebSocket webSocket, ByteBuffer data, boolean last) {
      byte[] bytes = new byte[data.remaining()];
      data.get(bytes);
      message.writeBytes(bytes);
      if (last) {
        receive(ByteBuffer.wrap(message.toByteArray()));
        message.reset();
      } else if (!eager) {
        webSocket.request(1);
      }
      return null;
    }

    private void receive(ByteBuffer whole) {
      int stream = whole.get() & 0xff;
      long sequence = numbered ? whole.getLong() : 0;
      byte[] data = new byte[whole.remaining()];
      whole.get(data);
      synchronized (frames) {
        frames.add(new Frame(stream, sequence, data));
      }
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket webSocket, int code, String reason) {
      closed.complete(code);
      return null;
    }

    @Override
    public void onError(WebSocket webSocket, Throwable error) {
      closed.completeExceptionally(new IOException(error));
    }
  }
}
