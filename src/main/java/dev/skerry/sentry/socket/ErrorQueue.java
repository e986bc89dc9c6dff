package dev.skerry.sentry.socket;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * What has become of packets that a socket sent, for MSG_ERRQUEUE of recvmsg(2): errors that ICMP
 * brought back, and notices that the data of MSG_ZEROCOPY are free again. Its monitor guards all.
 * Linux: sk_error_queue.
 */
public final class ErrorQueue {
  public static final int ORIGIN_LOCAL = 1;
  public static final int ORIGIN_ICMP = 2;
  public static final int ORIGIN_ICMP6 = 3;
  private static final int ORIGIN_ZEROCOPY = 5;

  /** The data were copied after all (SO_EE_CODE_ZEROCOPY_COPIED). */
  private static final int COPIED = 1;

  private static final int MOST = 64;
  private static final int OVERHEAD = 256;
  private static final byte[] NOTHING = {};

  /**
   * struct sock_extended_err, and who reports it.
   *
   * @param offender null if nobody in particular does
   */
  public record Report(
      int errno,
      int origin,
      int type,
      int code,
      int info,
      int data,
      SocketAddress.@Nullable Inet offender) {}

  /**
   * @param data of the packet
   * @param to where the packet went; null for a notice
   */
  public record Item(byte[] data, SocketAddress.@Nullable Inet to, Report report) {
    boolean isError() {
      return report.origin != ORIGIN_ZEROCOPY;
    }
  }

  private final ArrayDeque<Item> items = new ArrayDeque<>(2);
  private int nextNotice;

  /** Adds an error unless there are too many. */
  public synchronized void add(Item item) {
    if (items.size() < MOST && SocketSpace.take(item.data().length + OVERHEAD)) {
      items.add(item);
    }
  }

  /** Adds a notice for one more call with MSG_ZEROCOPY, or counts it in with the last one. */
  synchronized void addNotice() {
    int number = nextNotice++;
    Item last = items.peekLast();
    if (last != null && !last.isError() && last.report().data() + 1 == number) {
      items.removeLast();
      items.add(notice(last.report().info(), number));
    } else if (SocketSpace.take(OVERHEAD)) {
      items.add(notice(number, number));
    }
  }

  private static Item notice(int first, int last) {
    return new Item(NOTHING, null, new Report(0, ORIGIN_ZEROCOPY, 0, COPIED, first, last, null));
  }

  /** The first item, which is no longer in the queue; null if it is empty. */
  synchronized @Nullable Item poll() {
    Item first = items.poll();
    if (first != null) {
      SocketSpace.give(first.data().length + OVERHEAD);
    }
    return first;
  }

  /** The error that is told next, a positive number; zero if no error comes next. */
  synchronized int nextError() {
    Item next = items.peek();
    return next == null || !next.isError() ? 0 : next.report().errno();
  }

  public synchronized boolean isEmpty() {
    return items.isEmpty();
  }

  /** Forgets everything. */
  public synchronized void clear() {
    while (poll() != null) {
      // Each gives its room back.
    }
  }
}
