package dev.skerry.service.ws;

import dev.skerry.service.lifecycle.Sandbox;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jboss.logging.Logger;

/**
 * Takes one client's messages to the sandbox. The socket is paused while a message is on its way,
 * so there is never more than one: a guest that does not read stops the client.
 */
final class ClientInput {
  private static final Logger LOG = Logger.getLogger(ClientInput.class);
  private static final short UNSUPPORTED_DATA = 1003;
  private static final short POLICY_VIOLATION = 1008;

  private final Sandbox sandbox;
  private final ServerWebSocket socket;
  private final StdioProtocol protocol;
  private final BlockingQueue<Buffer> messages = new LinkedBlockingQueue<>();

  ClientInput(Sandbox sandbox, ServerWebSocket socket, StdioProtocol protocol) {
    this.sandbox = sandbox;
    this.socket = socket;
    this.protocol = protocol;
  }

  /** On the socket's event loop. */
  void begin() {
    Thread thread =
        Thread.ofVirtual().name("stdin-" + sandbox.record().id()).unstarted(this::forward);
    socket.binaryMessageHandler(
        message -> {
          socket.pause();
          messages.add(message);
        });
    socket.textMessageHandler(
        text -> socket.close(UNSUPPORTED_DATA, "only binary messages are understood"));
    socket.closeHandler(closed -> thread.interrupt());
    thread.start();
  }

  private void forward() {
    try {
      while (true) {
        Buffer message = messages.take();
        handle(protocol.decode(message));
        socket.resume();
      }
    } catch (ProtocolException e) {
      socket.close(POLICY_VIOLATION, e.getMessage());
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    }
  }

  private void handle(ClientMessage message) throws InterruptedException {
    try {
      switch (message) {
        case ClientMessage.Input input -> sandbox.input(input.data());
        case ClientMessage.EndOfInput ignored -> sandbox.endInput();
        case ClientMessage.Resize size -> sandbox.resize(size.rows(), size.columns());
      }
    } catch (IOException ended) {
      // Whoever writes to a program that has ended is told of the end by the output's side.
      LOG.debugf("input for %s is dropped: %s", sandbox.record().id(), ended.getMessage());
    }
  }
}
