package dev.skerry.client.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * A sandbox's standard streams over the WebSocket subprotocol {@code v1.skerry}. A connection that
 * drops is made anew from the last frame that was written out, so that nothing is lost or doubled.
 */
public final class StdioChannel {
  public static final int STDIN = 0;
  public static final int RESIZE = 4;
  public static final int CLOSE = 255;

  private static final String SUBPROTOCOL = "v1.skerry";
  private static final long GIVE_UP_MILLIS = 30_000;
  private static final long LONGEST_PAUSE_MILLIS = 2_000;

  private final ServiceClient service;
  private final String id;
  private final FrameSink sink;

  @GuardedBy("this")
  private @Nullable WebSocket socket;

  @GuardedBy("this")
  private boolean ended;

  public StdioChannel(ServiceClient service, String id, OutputStream out, OutputStream err) {
    this.service = service;
    this.id = id;
    this.sink = new FrameSink(out, err);
  }

  /**
   * Writes the output as it comes until the sandbox has ended.
   *
   * @return the final resource
   */
  public JsonNode await() {
    long lostAt = 0;
    long pause = 0;
    while (true) {
      StdioListener listener = new StdioListener(sink);
      boolean connected = connect(listener);
      if (connected) {
        listener.await();
        lostAt = 0;
        pause = 0;
      }
      disconnect(sink.resource() != null);
      JsonNode resource = sink.resource();
      if (resource != null) {
        return resource;
      }
      sink.check();
      long now = System.currentTimeMillis();
      lostAt = lostAt == 0 ? now : lostAt;
      if (now - lostAt > GIVE_UP_MILLIS) {
        throw new ClientException(
            "lost the connection to the sandbox's streams: " + listener.cause());
      }
      pause = Math.min(LONGEST_PAUSE_MILLIS, pause * 2 + 50);
      sleep(pause);
    }
  }

  /**
   * Sends a frame, waiting for a connection if there is none.
   *
   * @return false when the sandbox has ended
   */
  public synchronized boolean send(int kind, byte[] data) {
    ByteBuffer frame = ByteBuffer.allocate(data.length + 1);
    frame.put((byte) kind).put(data).flip();
    while (!ended) {
      try {
        if (socket != null) {
          // A socket takes one message at a time, so this waits with the lock held.
          socket.sendBinary(frame.duplicate(), true).join();
          return true;
        }
        wait();
      } catch (CompletionException e) {
        socket = null;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
    return false;
  }

  public void resize(TerminalSize size) {
    String json = "{\"Width\":" + size.columns() + ",\"Height\":" + size.rows() + "}";
    send(RESIZE, json.getBytes(StandardCharsets.UTF_8));
  }

  private boolean connect(StdioListener listener) {
    URI base = service.address().base();
    String scheme = "https".equals(base.getScheme()) ? "wss" : "ws";
    URI target = base.resolve("v1/sandboxes/" + id + "/stdio?after=" + sink.lastSequence());
    try {
      WebSocket made =
          service
              .http()
              .newWebSocketBuilder()
              .header("Authorization", "Bearer " + service.address().token())
              .subprotocols(SUBPROTOCOL)
              .buildAsync(
                  URI.create(scheme + target.toString().substring(base.getScheme().length())),
                  listener)
              .join();
      synchronized (this) {
        socket = made;
        notifyAll();
      }
      return true;
    } catch (CompletionException e) {
      if (e.getCause() instanceof WebSocketHandshakeException refused) {
        throw new ClientException(
            "the service refuses the sandbox's streams: HTTP status "
                + refused.getResponse().statusCode(),
            e);
      }
      listener.fail(e.getCause() instanceof IOException io ? io : e);
      return false;
    }
  }

  private synchronized void disconnect(boolean forGood) {
    WebSocket last = socket;
    socket = null;
    ended |= forGood;
    notifyAll();
    if (last != null) {
      last.abort();
    }
  }

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ClientException("interrupted", e);
    }
  }
}
