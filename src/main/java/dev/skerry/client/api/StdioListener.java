package dev.skerry.client.api;

import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** One connection's frames, asked for one at a time: a slow reader of ours slows the service. */
final class StdioListener implements WebSocket.Listener {
  private final FrameSink sink;
  private final CountDownLatch over = new CountDownLatch(1);
  private volatile @Nullable Throwable cause;

  StdioListener(FrameSink sink) {
    this.sink = sink;
    sink.restart();
  }

  /** Returns when the connection is gone, or the sandbox has ended. */
  void await() {
    try {
      over.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ClientException("interrupted", e);
    }
  }

  void fail(Throwable why) {
    cause = why;
    over.countDown();
  }

  String cause() {
    Throwable known = cause;
    return known == null ? "closed" : String.valueOf(known.getMessage());
  }

  @Override
  public @Nullable CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
    if (!sink.accept(data, last) || sink.resource() != null) {
      over.countDown();
      return null;
    }
    socket.request(1);
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
    fail(new ClientException("closed by the service, " + code + " " + reason));
    return null;
  }

  @Override
  public void onError(WebSocket socket, Throwable error) {
    fail(error);
  }
}
