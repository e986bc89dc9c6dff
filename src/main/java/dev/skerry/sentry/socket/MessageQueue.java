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

  private record Message(byte[] data, @Nullable SocketAddress from, Ancillary ancillary) {
    int cost() {
      return data.length + OVERHEAD;
    }
  }

  private final ArrayDeque<Message> messages = new ArrayDeque<>();
  private final int mostMessages;

  /** Whether a message that does not fit is taken as long as there is any room (udp(7)). */
  private final boolean loses;

  private int capacity = SocketOptions.DEFAULT_BUFFER;
  private int used;

  /**
   * @param mostMessages how many may wait, whatever their size
   */
  public MessageQueue(int mostMessages) {
    this(mostMessages, false);
  }

  private MessageQueue(int mostMessages, boolean loses) {
    this.mostMessages = mostMessages;
    this.loses = loses;
  }

  /** A queue whose last message may be larger than its room; what comes then is lost. */
  public static MessageQueue losing(int mostMessages) {
    return new MessageQueue(mostMessages, true);
  }

  @Override
  public synchronized long send(
      IoBuffer source, @Nullable SocketAddress from, Ancillary ancillary) {
    long length = source.remaining();
    if (!loses && length > capacity - OVERHEAD) {
      return -Errno.EMSGSIZE;
    }
    // One message may go beyond the capacity: what was full has room again at a quarter.
    boolean full = loses ? used > capacity : used >= capacity;
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
    Message message = new Message(data, from, ancillary);
    messages.add(message);
    used += message.cost();
    return length;
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
      used -= message.cost();
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
    messages.forEach(message -> dropped.add(message.ancillary()));
    messages.clear();
    SocketSpace.give(used);
    used = 0;
    return dropped;
  }

  @Override
  public synchronized void setCapacity(int bytes) {
    capacity = bytes;
  }
}
