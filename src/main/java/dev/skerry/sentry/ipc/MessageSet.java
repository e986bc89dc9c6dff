package dev.skerry.sentry.ipc;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.kernel.Results;
import dev.skerry.sentry.slab.Slab;
import dev.skerry.sentry.waiter.Events;
import dev.skerry.sentry.waiter.WaitQueue;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A queue of messages with types (msgget(2)). Its monitor guards all. */
public final class MessageSet extends IpcObject {
  public static final int MSG_NOERROR = 010000;
  public static final int MSG_EXCEPT = 020000;
  public static final int MSG_COPY = 040000;

  /** One message. */
  public record Message(long type, byte[] data) {
    private static final int OVERHEAD = 64;

    /** Its bytes on the heap. */
    public int size() {
      return OVERHEAD + data.length;
    }
  }

  private final List<Message> messages = new ArrayList<>();
  private final WaitQueue queue = new WaitQueue();
  private int bytes;
  private int mostBytes;
  private int lastSender;
  private int lastReceiver;
  private long sendTime;
  private long receiveTime;

  /**
   * @param seconds the time
   * @param mostBytes how many bytes may wait in it (MSGMNB)
   */
  public MessageSet(
      int id, int sequence, int key, int mode, Credentials creator, long seconds, int mostBytes) {
    super(id, sequence, key, mode, creator, seconds);
    this.mostBytes = mostBytes;
  }

  /** Told when a message has come or gone, or the queue is gone. */
  public WaitQueue queue() {
    return queue;
  }

  /** Zero, {@link Results#NOT_YET} while there is no room, -EIDRM or -ENOMEM. */
  public long send(Message message, int pid, long seconds) {
    synchronized (this) {
      if (isRemoved()) {
        return -Errno.EIDRM;
      }
      if (bytes + message.data().length > mostBytes || messages.size() >= mostBytes) {
        return Results.NOT_YET;
      }
      if (!Slab.MESSAGE_BYTE.take(message.size())) {
        return -Errno.ENOMEM;
      }
      messages.add(message);
      bytes += message.data().length;
      lastSender = pid;
      sendTime = seconds;
    }
    queue.wake(Events.READABLE);
    return 0;
  }

  /** What a receive found. */
  public record Found(long result, @Nullable Message message) {}

  /**
   * Takes the first message that fits the type (msgop(2)).
   *
   * @param size the room for data
   */
  public Found receive(long type, int size, int flags, int pid, long seconds) {
    Message taken;
    synchronized (this) {
      if (isRemoved()) {
        return new Found(-Errno.EIDRM, null);
      }
      taken = (flags & MSG_COPY) != 0 ? at(type) : choose(type, flags);
      if (taken == null) {
        return new Found(Results.NOT_YET, null);
      }
      if (taken.data().length > size && (flags & MSG_NOERROR) == 0) {
        return new Found(-Errno.E2BIG, null);
      }
      if ((flags & MSG_COPY) != 0) {
        return new Found(0, taken);
      }
      remove(taken);
      Slab.MESSAGE_BYTE.give(taken.size());
      bytes -= taken.data().length;
      lastReceiver = pid;
      receiveTime = seconds;
    }
    queue.wake(Events.WRITABLE);
    return new Found(0, taken);
  }

  private void remove(Message message) {
    Iterator<Message> each = messages.iterator();
    while (each.hasNext()) {
      if (each.next() == message) {
        each.remove();
        return;
      }
    }
  }

  private @Nullable Message at(long index) {
    return index >= 0 && index < messages.size() ? messages.get((int) index) : null;
  }

  private @Nullable Message choose(long type, int flags) {
    Message lowest = null;
    for (Message message : messages) {
      if (type == 0) {
        return message;
      }
      if (type > 0) {
        if ((message.type() == type) != ((flags & MSG_EXCEPT) != 0)) {
          return message;
        }
      } else if (message.type() <= -type && (lowest == null || message.type() < lowest.type())) {
        lowest = message;
      }
    }
    return lowest;
  }

  /** What msqid_ds tells. */
  public record State(
      long sendTime,
      long receiveTime,
      int bytes,
      int count,
      int mostBytes,
      int lastSender,
      int lastReceiver) {}

  public synchronized State state() {
    return new State(
        sendTime, receiveTime, bytes, messages.size(), mostBytes, lastSender, lastReceiver);
  }

  public void setMostBytes(int most) {
    synchronized (this) {
      mostBytes = most;
    }
    queue.wake(Events.WRITABLE);
  }

  @Override
  protected void removed() {
    synchronized (this) {
      messages.forEach(message -> Slab.MESSAGE_BYTE.give(message.size()));
      messages.clear();
      bytes = 0;
    }
    queue.wake(Events.READABLE | Events.WRITABLE);
  }
}
