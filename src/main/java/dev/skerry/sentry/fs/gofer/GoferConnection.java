package dev.skerry.sentry.fs.gofer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.skerry.abi.Errno;
import dev.skerry.goferproto.FileRequest;
import dev.skerry.goferproto.Limits;
import dev.skerry.goferproto.Request;
import dev.skerry.goferproto.Response;
import dev.skerry.hostos.Host;
import dev.skerry.hostos.StatxLayout;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.vfs.Inode;
import dev.skerry.wire.WireException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The way to the gofer: some channels, each for one call at a time; a caller waits for a free one.
 * When the gofer is gone, or has sent nonsense, every call fails with EIO.
 */
public final class GoferConnection {
  /** How many handles are given back with one message. */
  private static final int BATCH = 128;

  private static final int AT_EMPTY_PATH = 0x1000;

  private final Runnable onLost;
  private final DonatedFiles donatedFiles = new DonatedFiles();

  @GuardedBy("this")
  private final ArrayDeque<GoferChannel> free = new ArrayDeque<>();

  @GuardedBy("this")
  private int[] unneeded = new int[BATCH];

  @GuardedBy("this")
  private int unneededCount;

  private volatile boolean lost;

  private final AtomicLong calls = new AtomicLong();

  /**
   * @param first descriptor of the first channel; the others follow it. The last of several carries
   *     no calls, but shows when the gofer ends while nobody calls
   * @param onLost called once, on any thread, when the gofer is gone
   */
  public GoferConnection(int first, int count, Runnable onLost) {
    this(consecutive(first, count), onLost);
  }

  private static int[] consecutive(int first, int count) {
    int[] sockets = new int[count];
    for (int i = 0; i < count; i++) {
      sockets[i] = first + i;
    }
    return sockets;
  }

  GoferConnection(int[] sockets, Runnable onLost) {
    this.onLost = onLost;
    int calls = Math.max(sockets.length - 1, 1);
    for (int i = 0; i < calls; i++) {
      free.add(new GoferChannel(sockets[i]));
    }
    if (calls < sockets.length) {
      GoferChannel lifeline = GoferChannel.lifeline(sockets[calls]);
      Thread thread = new Thread(() -> watch(lifeline), "gofer-lifeline");
      thread.setDaemon(true);
      thread.start();
    }
  }

  private void watch(GoferChannel lifeline) {
    lifeline.awaitEnd();
    lose("the gofer has gone");
  }

  DonatedFiles donatedFiles() {
    return donatedFiles;
  }

  /** Asks for what is no descriptor. */
  <R extends Response> R call(Request<R> request) throws ErrnoException {
    return call(request, null);
  }

  /**
   * Asks.
   *
   * @param donated null, or gets the descriptors of a successful call, the caller's from then on;
   *     the first is -EMFILE if there is no room for them
   */
  <R extends Response> R call(Request<R> request, int @Nullable [] donated) throws ErrnoException {
    GoferChannel channel = acquire();
    calls.incrementAndGet();
    try {
      giveBack(channel);
      R response = exchange(channel, request, donated);
      if (response != null) {
        return response;
      }
      int error = channel.error();
      throw ErrnoException.of(error == Errno.EBADF ? Errno.ESTALE : error);
    } catch (WireException e) {
      lose(e.getMessage());
      throw ErrnoException.of(Errno.EIO);
    } finally {
      release(channel);
    }
  }

  private static <R extends Response> @Nullable R exchange(
      GoferChannel channel, Request<R> request, int @Nullable [] donated) throws WireException {
    try {
      R response = channel.call(request);
      if (response != null) {
        take(channel.donated(), response, donated);
      }
      return response;
    } finally {
      channel.closeDonated();
    }
  }

  /** Moves as many descriptors over as the response tells of. */
  private static void take(int[] passed, Response response, int @Nullable [] donated)
      throws WireException {
    int expected = donated == null ? 0 : response.descriptors();
    boolean noRoom = expected > 0 && passed[0] == -Errno.EMFILE;
    for (int i = 0; !noRoom && i < passed.length; i++) {
      if (passed[i] >= 0 != i < expected) {
        throw new WireException("the gofer donates what it should not");
      }
      if (passed[i] >= 0 && !isRegular(passed[i])) {
        throw new WireException("the gofer donates what is no regular file");
      }
    }
    if (donated != null && expected > 0) {
      int count = noRoom ? 1 : expected;
      System.arraycopy(passed, 0, donated, 0, count);
      Arrays.fill(passed, 0, count, -1);
    }
  }

  /** Anything else could keep a worker waiting, or lead a guest elsewhere. */
  private static boolean isRegular(int fd) {
    long[] attributes = new long[StatxLayout.COUNT];
    return Host.os().statx(fd, "", AT_EMPTY_PATH, attributes) == 0
        && ((int) attributes[StatxLayout.MODE] & Inode.S_IFMT) == Inode.S_IFREG;
  }

  /** How many calls there were. */
  long calls() {
    return calls.get();
  }

  private GoferChannel acquire() throws ErrnoException {
    synchronized (this) {
      while (!lost) {
        GoferChannel channel = free.poll();
        if (channel != null) {
          return channel;
        }
        try {
          wait();
        } catch (InterruptedException e) {
          // Only a channel, or the end of them all, counts.
        }
      }
    }
    throw ErrnoException.of(Errno.EIO);
  }

  private synchronized void release(GoferChannel channel) {
    free.addFirst(channel);
    notify();
  }

  private void lose(@Nullable String reason) {
    synchronized (this) {
      if (lost) {
        return;
      }
      lost = true;
      notifyAll();
    }
    System.err.println("sentry: gofer lost: ".concat(String.valueOf(reason)));
    onLost.run();
  }

  /** Gives a handle back, with one of the next calls. */
  synchronized void forget(int handle) {
    if (unneededCount == unneeded.length) {
      unneeded = Arrays.copyOf(unneeded, 2 * unneededCount);
    }
    unneeded[unneededCount++] = handle;
  }

  private void giveBack(GoferChannel channel) throws WireException {
    int[] handles;
    synchronized (this) {
      if (unneededCount < BATCH) {
        return;
      }
      handles = takeUnneeded();
    }
    send(channel, handles);
  }

  /** Gives back all handles that are not needed, now. */
  void giveBackAll() throws ErrnoException {
    int[] handles;
    do {
      synchronized (this) {
        handles = takeUnneeded();
      }
      if (handles.length > 0) {
        call(new FileRequest.Close(handles));
      }
    } while (handles.length > 0);
  }

  @GuardedBy("this")
  private int[] takeUnneeded() {
    int count = Math.min(unneededCount, Limits.CLOSE);
    unneededCount -= count;
    return Arrays.copyOfRange(unneeded, unneededCount, unneededCount + count);
  }

  private static void send(GoferChannel channel, int[] handles) throws WireException {
    exchange(channel, new FileRequest.Close(handles), null);
  }
}
