package dev.skerry.service.ws;

import dev.skerry.control.SpoolFrame;
import dev.skerry.service.api.SandboxView;
import dev.skerry.service.lifecycle.Sandbox;
import dev.skerry.service.lifecycle.SandboxState;
import dev.skerry.service.lifecycle.SpoolReader;
import dev.skerry.service.lifecycle.SpoolWatch;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/** Takes the spool to one client, from a sequence number to the end of the run. */
final class ClientOutput {
  private static final Logger LOG = Logger.getLogger(ClientOutput.class);
  private static final short NORMAL = 1000;
  private static final short UNEXPECTED = 1011;

  /** Bytes that may be on their way to a client. */
  private static final int WINDOW = 256 << 10;

  /** Should the host's notifications fail, the spool is looked at this often. */
  private static final long LOOK_MILLIS = 50;

  /** From the exit record in the spool to the sandbox's final record. */
  private static final Duration SETTLING = Duration.ofSeconds(10);

  private final Sandbox sandbox;
  private final ServerWebSocket socket;
  private final StdioProtocol protocol;
  private final SpoolWatch watch;
  private final long after;
  private final Semaphore grown = new Semaphore(0);
  private final Semaphore window = new Semaphore(WINDOW);

  ClientOutput(
      Sandbox sandbox,
      ServerWebSocket socket,
      StdioProtocol protocol,
      SpoolWatch watch,
      long after) {
    this.sandbox = sandbox;
    this.socket = socket;
    this.protocol = protocol;
    this.watch = watch;
    this.after = after;
  }

  void begin() {
    Thread.ofVirtual().name("stdout-" + sandbox.record().id()).start(this::run);
  }

  private void run() {
    try (SpoolReader reader = new SpoolReader(sandbox.spool());
        SpoolWatch.Watch _ = watch.watch(sandbox.directory(), grown::release)) {
      if (!sendOutput(reader)) {
        return;
      }
      sandbox.awaitStopped(SETTLING);
      send(protocol.end(SandboxView.of(sandbox.record()), Math.max(1, reader.sequence())));
      window.acquire(WINDOW);
      socket.close(NORMAL);
    } catch (IOException e) {
      LOG.warnf("output of %s breaks off: %s", sandbox.record().id(), e.getMessage());
      socket.close(UNEXPECTED, "the output cannot be read");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Returns whether the end was reached, and the client is still there. */
  private boolean sendOutput(SpoolReader reader) throws IOException, InterruptedException {
    while (!socket.isClosed()) {
      boolean ended = sandbox.record().state() == SandboxState.STOPPED;
      SpoolFrame frame = reader.next();
      if (frame == null) {
        if (ended && sandbox.isSettled()) {
          return true;
        }
        if (grown.tryAcquire(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
          grown.drainPermits();
        }
      } else if (frame.stream() == SpoolFrame.EXIT) {
        return true;
      } else if (frame.sequence() > after) {
        send(protocol.output(frame));
      }
    }
    return false;
  }

  /** Waits while the client does not read. */
  private void send(Buffer message) throws InterruptedException {
    int length = message.length();
    while (!window.tryAcquire(Math.min(length, WINDOW), 1, TimeUnit.SECONDS)) {
      if (socket.isClosed()) {
        return;
      }
    }
    socket
        .writeBinaryMessage(message)
        .onComplete(written -> window.release(Math.min(length, WINDOW)));
  }
}
