package dev.skerry.service.lifecycle;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.skerry.control.ControlCodec;
import dev.skerry.control.ExitRecord;
import dev.skerry.control.Reply;
import dev.skerry.control.Request;
import dev.skerry.service.host.UnixConnection;
import dev.skerry.wire.WireException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A connection to one sentry, with a thread that reads and one that writes. The sentry may be
 * hostile: what it sends is bounded and checked, and nobody waits for it without a limit.
 */
final class ControlConnection {
  /** Requests on their way; more than this means that the sentry does not read. */
  private static final int MOST_QUEUED = 32;

  /** More credit than this is not believed. */
  private static final long MOST_CREDIT = 64L << 20;

  private static final long STACK = 256 << 10;

  /** Told about the sandbox's end, on the reading thread. */
  interface Listener {
    void ended(ExitRecord exit, Reply.Report report);

    /** The sentry has gone, or says what cannot be understood. */
    void lost(String reason);
  }

  private record Outgoing(byte[] bytes, @Nullable Pending pending) {}

  private record Pending(CompletableFuture<Reply> reply, Consumer<Reply> first) {}

  private final UnixConnection socket;
  private final Listener listener;
  private final BlockingQueue<Outgoing> outgoing = new ArrayBlockingQueue<>(MOST_QUEUED);

  @GuardedBy("pending")
  private final Deque<Pending> pending = new ArrayDeque<>();

  private final Object creditLock = new Object();

  @GuardedBy("creditLock")
  private long credit;

  private volatile boolean lost;

  private ControlConnection(UnixConnection socket, Listener listener) {
    this.socket = socket;
    this.listener = listener;
  }

  static ControlConnection open(Path directory, String id, Listener listener) throws IOException {
    UnixConnection socket = UnixConnection.open(directory, "control.sock");
    ControlConnection connection = new ControlConnection(socket, listener);
    start("control-read-" + id, connection::readAll);
    start("control-write-" + id, connection::writeAll);
    return connection;
  }

  private static void start(String name, Runnable body) {
    Thread thread = new Thread(null, body, name, STACK);
    thread.setDaemon(true);
    thread.start();
  }

  boolean isLost() {
    return lost;
  }

  /**
   * Sends a request.
   *
   * @param first sees the reply before any later message of the sentry's is looked at
   */
  CompletableFuture<Reply> ask(Request request, Consumer<Reply> first)
      throws IOException, InterruptedException {
    Pending reply = new Pending(new CompletableFuture<>(), first);
    send(new Outgoing(ControlCodec.encode(request), reply));
    return reply.reply();
  }

  /** Waits for a reply. */
  static Reply await(CompletableFuture<Reply> reply, Duration timeout)
      throws IOException, InterruptedException {
    try {
      return reply.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      throw new IOException(cause == null ? null : cause.getMessage(), e);
    } catch (TimeoutException e) {
      throw new IOException("the sentry did not answer in " + timeout.toMillis() + " ms", e);
    }
  }

  /** Sends a request that has no reply. */
  void send(Request request) throws IOException, InterruptedException {
    send(new Outgoing(ControlCodec.encode(request), null));
  }

  private void send(Outgoing message) throws IOException, InterruptedException {
    while (!outgoing.offer(message, 100, TimeUnit.MILLISECONDS)) {
      if (lost) {
        throw new IOException("the sentry has gone");
      }
    }
    if (lost) {
      failPending(new IOException("the sentry has gone"));
      throw new IOException("the sentry has gone");
    }
  }

  /** Sends standard input, as the sentry takes it: waits for credit, which may be long. */
  void input(byte[] data) throws IOException, InterruptedException {
    int sent = 0;
    while (sent < data.length) {
      int length = takeCredit(Math.min(data.length - sent, ControlCodec.MOST_INPUT));
      send(new Request.Input(Arrays.copyOfRange(data, sent, sent + length)));
      sent += length;
    }
  }

  private int takeCredit(int most) throws IOException, InterruptedException {
    synchronized (creditLock) {
      while (credit == 0 && !lost) {
        creditLock.wait();
      }
      if (lost) {
        throw new IOException("the sentry has gone");
      }
      int taken = (int) Math.min(credit, most);
      credit -= taken;
      return taken;
    }
  }

  void close() {
    lost("the connection was closed", false);
  }

  private void writeAll() {
    try {
      while (!lost) {
        Outgoing message = outgoing.poll(1, TimeUnit.SECONDS);
        if (message == null) {
          continue;
        }
        if (message.pending() != null) {
          synchronized (pending) {
            pending.addLast(message.pending());
          }
        }
        socket.write(message.bytes());
      }
    } catch (IOException e) {
      lost("the sentry takes no requests: " + e.getMessage(), true);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void readAll() {
    ByteBuffer length = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    try {
      while (!lost && socket.readFully(length.clear())) {
        int size = length.getInt(0);
        if (size < 1 || size > ControlCodec.MOST_BYTES) {
          throw new WireException("a message of " + size + " bytes");
        }
        ByteBuffer message = ByteBuffer.allocate(size);
        if (!socket.readFully(message)) {
          break;
        }
        handle(ControlCodec.decodeReply(message.flip()));
      }
      lost("the sentry has gone", true);
    } catch (IOException e) {
      lost("the connection to the sentry broke: " + e.getMessage(), true);
    } catch (WireException e) {
      lost("the sentry sent what is no message: " + e.getMessage(), true);
    }
  }

  private void handle(Reply reply) throws WireException {
    switch (reply) {
      case Reply.Credit given -> addCredit(given.bytes());
      case Reply.Ended ended -> listener.ended(ended.exit(), ended.report());
      case Reply.Done ignored -> complete(reply);
      case Reply.Created ignored -> complete(reply);
      case Reply.Failed ignored -> complete(reply);
      case Reply.Report ignored -> complete(reply);
      case Reply.Objects ignored -> complete(reply);
    }
  }

  private void addCredit(int bytes) throws WireException {
    synchronized (creditLock) {
      if (bytes < 0 || credit + bytes > MOST_CREDIT) {
        throw new WireException("credit of " + bytes + " bytes");
      }
      credit += bytes;
      creditLock.notifyAll();
    }
  }

  private void complete(Reply reply) throws WireException {
    Pending next;
    synchronized (pending) {
      next = pending.pollFirst();
    }
    if (next == null) {
      throw new WireException("a reply that nobody asked for");
    }
    next.first().accept(reply);
    next.reply().complete(reply);
  }

  private void lost(String reason, boolean tell) {
    synchronized (creditLock) {
      if (lost) {
        return;
      }
      lost = true;
      creditLock.notifyAll();
    }
    try {
      socket.close();
    } catch (IOException e) {
      // The peer may have closed already; nothing else can be done with it.
      reason = reason + " (" + e.getMessage() + ")";
    }
    failPending(new IOException(reason));
    if (tell) {
      listener.lost(reason);
    }
  }

  private void failPending(IOException cause) {
    synchronized (pending) {
      pending.forEach(one -> one.reply().completeExceptionally(cause));
      pending.clear();
    }
    for (Outgoing message = outgoing.poll(); message != null; message = outgoing.poll()) {
      if (message.pending() != null) {
        message.pending().reply().completeExceptionally(cause);
      }
    }
  }
}
