package dev.skerry.sentry.socket;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.usermem.IoBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Messages with boundaries: a datagram socket's queue, or a direction of a SOCK_SEQPACKET
 * connection.
 */
public final class MessageQueue implements Flow {
  /** What a message costs beside its data, so that empty ones are bounded too. */
  private static final int OVERHEAD = 256;

  /** What is allocated with a message at its end, and with a packet at its beginning, too. */
  private static final int MESSAGE_TAIL = 320;

  private static final int PACKET_HEADERS = 408;
  private static final int SMALL_MESSAGE = 512;
  private static final int SMALL_PACKET = 576;
  private static final int LARGE = 16384;
  private static final int MOST_PLAIN = 16000;
  private static final int PAGE = 4096;

  /** Who pays for messages that wait, instead of the queue. */
  @FunctionalInterface
  public interface Payer {
    /**
     * A message begins to wait, or does no longer. Called with the queue's monitor held.
     *
     * @param bytes what it counts, less than zero when it is gone
     */
    void pay(int bytes);
  }

  private record Message(
      byte[] data, @Nullable SocketAddress from, Ancillary ancillary, @Nullable Payer payer) {
    int cost() {
      return data.length + OVERHEAD;
    }
  }

  private final ArrayDeque<Message> messages = new ArrayDeque<>();
  private final int mostMessages;

  /** Whether messages are packets, of which those that do not fit are lost. */
  private final boolean loses;

  /** Whether a packet has to fit as a whole unless it is the only one, as those of udp(7). */
  private final boolean whole;

  private int capacity = SocketOptions.DEFAULT_BUFFER;
  private int used;

  /**
   * @param mostMessages how many may wait, whatever their size
   */
  public MessageQueue(int mostMessages) {
    this(mostMessages, false, false);
  }

  private MessageQueue(int mostMessages, boolean loses, boolean whole) {
    this.mostMessages = mostMessages;
    this.loses = loses;
    this.whole = whole;
  }

  /**
   * A queue of packets, which loses what comes when it is full.
   *
   * @param whole whether a packet has to fit; otherwise the last one may go beyond the room
   */
  public static MessageQueue losing(int mostMessages, boolean whole) {
    return new MessageQueue(mostMessages, true, whole);
  }

  @Override
  public long send(IoBuffer source, @Nullable SocketAddress from, Ancillary ancillary) {
    return send(source, from, ancillary, null);
  }

  /**
   * As {@link Flow#send}.
   *
   * @param payer null for the queue itself, which then has room for so much only
   */
  public synchronized long send(
      IoBuffer source, @Nullable SocketAddress from, Ancillary ancillary, @Nullable Payer payer) {
    long length = source.remaining();
    if (!loses && length > SocketOptions.MOST_BUFFER) {
      return -Errno.ENOBUFS;
    }
    // One message may go beyond the capacity: what was full has room again at a quarter.
    boolean full = whole ? used > 0 && used + sizeOf((int) length) > capacity : used >= capacity;
    if (full || messages.size() >= mostMessages) {
      return -Errno.EAGAIN;
    }
    if (!SocketSpace.take(length + OVERHEAD)) {
      return -Errno.ENOBUFS;
    }
    byte[] data = new byte[(int) length];
    if (length > 0 && source.get(data, 0, data.length) != data.length) {
      SocketSpace.give(length + OVERHEAD);
      return -Errno.EFAULT;
    }
    Message message = new Message(data, from, ancillary, payer);
    messages.add(message);
    count(message, 1);
    return length;
  }

  private void count(Message message, int sign) {
    int bytes = sign * sizeOf(message.data().length);
    Payer payer = message.payer();
    if (payer == null) {
      used += bytes;
    } else {
      payer.pay(bytes);
    }
  }

  /**
   * What a message counts: the memory that Linux takes for it, in powers of two until it takes
   * pages (__alloc_skb(), alloc_skb_with_frags(), __ip_append_data()).
   */
  private int sizeOf(int length) {
    int small = loses ? SMALL_PACKET : SMALL_MESSAGE;
    int needed = length + (loses ? PACKET_HEADERS : MESSAGE_TAIL);
    if (needed <= small) {
      return small + OVERHEAD;
    }
    if (length <= MOST_PLAIN) {
      return Math.min(Integer.highestOneBit(needed - 1) << 1, LARGE) + OVERHEAD;
    }
    return loses ? length + small + OVERHEAD : (length + PAGE - 1) / PAGE * PAGE + OVERHEAD;
  }

  @Override
  public synchronized long receive(IoBuffer target, int flags, Received received) {
    Message message = messages.peek();
    if (message == null) {
      return -Errno.EAGAIN;
    }
    int length = (int) Math.min(message.data().length, target.remaining());
    if (length > 0 && target.put(message.data(), 0, length) != length) {
      return -Errno.EFAULT;
    }
    boolean peek = (flags & SocketFile.MSG_PEEK) != 0;
    if (!peek) {
      messages.poll();
      count(message, -1);
      SocketSpace.give(message.cost());
    }
    received.set(
        message.from(),
        peek ? message.ancillary().copy() : message.ancillary(),
        length < message.data().length ? SocketFile.MSG_TRUNC : 0,
        message.data().length);
    return length;
  }

  @Override
  public synchronized boolean isEmpty() {
    return messages.isEmpty();
  }

  @Override
  public synchronized int room() {
    return capacity - used;
  }

  @Override
  public synchronized boolean hasRoom() {
    return messages.size() < mostMessages && 4L * used <= capacity;
  }

  /** How many messages wait. */
  public synchronized int count() {
    return messages.size();
  }

  @Override
  public synchronized int available() {
    Message first = messages.peek();
    return first == null ? 0 : first.data().length;
  }

  @Override
  public synchronized int queued() {
    int total = 0;
    for (Message message : messages) {
      total += message.data().length;
    }
    return total;
  }

  @Override
  public synchronized List<Ancillary> clear() {
    List<Ancillary> dropped = new ArrayList<>();
    for (Message message : messages) {
      count(message, -1);
      dropped.add(message.ancillary());
      SocketSpace.give(message.cost());
    }
    messages.clear();
    return dropped;
  }

  @Override
  public synchronized void setCapacity(int bytes) {
    capacity = bytes;
  }
}
