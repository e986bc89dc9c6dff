package dev.skerry.sentry.boot;

import dev.skerry.abi.Errno;
import dev.skerry.control.ControlCodec;
import dev.skerry.control.Reply;
import dev.skerry.control.Request;
import dev.skerry.hostos.Host;
import dev.skerry.sentry.waiter.ServingThread;
import dev.skerry.wire.WireException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * One client of the control socket. One thread reads and acts; another writes, so that no client
 * that does not read can hold anybody up.
 */
final class ControlConnection {
  /** Replies wait here for a client that does not read; it cannot ask for more meanwhile. */
  private static final int MOST_REPLIES = 64;

  private final ControlServer server;
  private final Sandbox sandbox;
  private final int fd;

  // Guarded by this.
  private final ArrayDeque<Reply> replies = new ArrayDeque<>();
  private int credit;
  private boolean closed;
  private boolean writing;
  private int threads = 2;

  ControlConnection(ControlServer server, Sandbox sandbox, int fd) {
    this.server = server;
    this.sandbox = sandbox;
    this.fd = fd;
  }

  void start() {
    new Reader().start();
    Thread writer = new Thread(null, this::writeLoop, "control-out", 256 << 10);
    writer.setDaemon(true);
    writer.start();
  }

  private final class Reader extends ServingThread {
    Reader() {
      super("control");
    }

    @Override
    protected void loop() {
      readLoop(this);
    }

    private @Nullable Reply serve(Request request) throws WireException {
      begin();
      try {
        return reply(request);
      } finally {
        end();
      }
    }
  }

  private void readLoop(Reader reader) {
    try {
      byte[] head = new byte[Integer.BYTES];
      while (readFully(head)) {
        int length = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).getInt();
        if (length <= 0 || length > ControlCodec.MOST_BYTES) {
          throw new WireException("a message of " + length + " bytes");
        }
        byte[] body = new byte[length];
        if (!readFully(body)) {
          break;
        }
        act(reader, ControlCodec.decodeRequest(ByteBuffer.wrap(body)));
      }
    } catch (WireException e) {
      System.err.println("control connection: " + e.getMessage());
    } catch (RuntimeException | Error e) {
      sandbox.fail("control connection", e);
    } finally {
      close();
    }
  }

  private boolean readFully(byte[] target) {
    int done = 0;
    while (done < target.length) {
      long n = Host.os().read(fd, target, done, target.length - done);
      if (n == -Errno.EINTR) {
        continue;
      }
      if (n <= 0) {
        return false;
      }
      done += (int) n;
    }
    return true;
  }

  private void act(Reader reader, Request request) throws WireException {
    Reply reply = reader.serve(request);
    if (reply != null) {
      send(reply);
      waitForRoom();
    }
    if (request instanceof Request.Start && reply instanceof Reply.Done) {
      sandbox.begin();
    }
  }

  /** What there is to say to it at once; null for nothing. */
  private @Nullable Reply reply(Request request) throws WireException {
    if (request instanceof Request.Create create) {
      return sandbox.create(create.spec());
    }
    if (request instanceof Request.Start) {
      return sandbox.start();
    }
    if (request instanceof Request.Signal signal) {
      return sandbox.signal(signal.pid(), signal.signal(), signal.all());
    }
    if (request instanceof Request.End end) {
      return sandbox.endRequested(end.verdict(), end.reason());
    }
    if (request instanceof Request.Input input) {
      server.inputFrom(this);
      if (!sandbox.input(input.data())) {
        throw new WireException("more input than the credit allows");
      }
      return null;
    }
    if (request instanceof Request.EndInput) {
      sandbox.endInput();
      return null;
    }
    if (request instanceof Request.Resize resize) {
      sandbox.resize(resize.rows(), resize.columns());
      return null;
    }
    if (request instanceof Request.Count count) {
      return sandbox.objects(count.collect());
    }
    return sandbox.report();
  }

  private synchronized void waitForRoom() {
    while (replies.size() > MOST_REPLIES && !closed) {
      await();
    }
  }

  // Its callers loop.
  @SuppressWarnings("WaitNotInLoop")
  private void await() {
    try {
      wait();
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts a control connection", e);
    }
  }

  synchronized void send(Reply reply) {
    replies.add(reply);
    notifyAll();
  }

  synchronized void giveCredit(int bytes) {
    credit += bytes;
    notifyAll();
  }

  synchronized boolean isClosed() {
    return closed;
  }

  /** Waits until everything was handed to the host, but not for long. */
  synchronized void flush(long deadline) {
    while (!closed && (!replies.isEmpty() || credit > 0 || writing)) {
      long left = (deadline - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        return;
      }
      try {
        wait(left);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void writeLoop() {
    while (true) {
      Reply next = next();
      if (next == null || !writeAll(ControlCodec.encode(next))) {
        break;
      }
      synchronized (this) {
        writing = false;
        notifyAll();
      }
    }
    close();
  }

  private synchronized @Nullable Reply next() {
    while (!closed && replies.isEmpty() && credit == 0) {
      await();
    }
    if (closed) {
      return null;
    }
    writing = true;
    if (credit > 0) {
      Reply reply = new Reply.Credit(credit);
      credit = 0;
      return reply;
    }
    return replies.poll();
  }

  private boolean writeAll(byte[] bytes) {
    int done = 0;
    while (done < bytes.length) {
      long n = Host.os().write(fd, bytes, done, bytes.length - done);
      if (n == -Errno.EINTR) {
        continue;
      }
      if (n <= 0) {
        return false;
      }
      done += (int) n;
    }
    return true;
  }

  /** One of the two threads ends; the other follows. The descriptor goes with the last one. */
  private void close() {
    boolean last;
    synchronized (this) {
      closed = true;
      writing = false;
      last = --threads == 0;
      notifyAll();
    }
    server.closed(this);
    if (last) {
      Host.os().close(fd);
    }
  }
}
