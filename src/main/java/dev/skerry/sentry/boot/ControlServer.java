package dev.skerry.sentry.boot;

import dev.skerry.abi.Errno;
import dev.skerry.control.Reply;
import dev.skerry.hostos.Host;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Accepts clients on the control socket, and shares the input's credit out. Its monitor guards all.
 */
final class ControlServer {
  /** More clients at a time are turned away. */
  private static final int MOST_CONNECTIONS = 16;

  private static final long FLUSH_NANOS = 1_000_000_000;

  private final int listener;
  private final Sandbox sandbox;
  private final List<ControlConnection> connections = new ArrayList<>();
  private @Nullable ControlConnection inputOwner;
  private int credit;

  /**
   * @param firstCredit bytes of standard input that the sandbox takes before any is consumed
   */
  ControlServer(int listener, Sandbox sandbox, int firstCredit) {
    this.listener = listener;
    this.sandbox = sandbox;
    this.credit = firstCredit;
  }

  /** Accepts until the process ends. */
  void acceptLoop() {
    while (true) {
      int fd = Host.os().accept(listener);
      if (fd == -Errno.EINTR || fd == -Errno.ECONNABORTED) {
        continue;
      }
      if (fd < 0) {
        sandbox.fail("accept: " + Errno.name(-fd), null);
        return;
      }
      ControlConnection connection = new ControlConnection(this, sandbox, fd);
      synchronized (this) {
        if (connections.size() >= MOST_CONNECTIONS) {
          Host.os().close(fd);
          continue;
        }
        connections.add(connection);
        connection.giveCredit(credit);
      }
      sandbox.greet(connection);
      connection.start();
    }
  }

  /** The connection has sent input, and gets the credit back for it. */
  synchronized void inputFrom(ControlConnection connection) {
    inputOwner = connection;
  }

  synchronized void inputTaken(int bytes) {
    credit -= bytes;
  }

  /** The guest has consumed input. */
  synchronized void consumed(int bytes) {
    credit += bytes;
    ControlConnection owner = inputOwner;
    if (owner != null && !owner.isClosed()) {
      owner.giveCredit(bytes);
      return;
    }
    for (ControlConnection connection : connections) {
      connection.giveCredit(bytes);
    }
  }

  synchronized void closed(ControlConnection connection) {
    connections.remove(connection);
  }

  /** Tells everybody of the end, and sees that they hear it. */
  void broadcastEnd(Reply.Ended ended) {
    List<ControlConnection> all;
    synchronized (this) {
      all = new ArrayList<>(connections);
    }
    long deadline = System.nanoTime() + FLUSH_NANOS;
    for (ControlConnection connection : all) {
      connection.send(ended);
    }
    for (ControlConnection connection : all) {
      connection.flush(deadline);
    }
  }
}
