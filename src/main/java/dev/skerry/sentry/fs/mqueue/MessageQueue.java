package dev.skerry.sentry.fs.mqueue;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.skerry.abi.Errno;
import dev.skerry.abi.Signal;
import dev.skerry.sentry.auth.UserNamespace;
import dev.skerry.sentry.kernel.Results;
import dev.skerry.sentry.kernel.SigInfo;
import dev.skerry.sentry.kernel.Signals;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.kernel.ThreadGroup;
import dev.skerry.sentry.vfs.AnonymousInodes;
import dev.skerry.sentry.vfs.Inode;
import dev.skerry.sentry.vfs.Stat;
import dev.skerry.sentry.waiter.Events;
import dev.skerry.sentry.waiter.WaitQueue;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Messages in the order of their priorities. Its monitor guards them. */
public final class MessageQueue {
  private static final long DEVICE = 0x12;
  private static final int SHOWN_SIZE = 80;
  private static final int BLOCK_SIZE = 4096;
  private static final int SIGEV_SIGNAL = 0;
  private static final int SIGEV_NONE = 1;
  private static final int SIGEV_THREAD = 2;

  /** One message. */
  public record Message(int priority, byte[] data) {}

  /**
   * Who is told when a message comes to the empty queue (mq_notify(3)).
   *
   * @param ids in which the owner is told who sent it
   * @param table the owner's descriptors
   * @param signal 0 for nothing but the registration
   * @param value goes with the signal
   * @param thread in the signal's place (SIGEV_THREAD); null for none
   */
  public record Notification(
      ThreadGroup owner,
      UserNamespace ids,
      Object table,
      int signal,
      long value,
      @Nullable ThreadNotice thread) {}

  /** A message for the thread of a program's library that waits for notifications. */
  public interface ThreadNotice {
    /**
     * Sends the message. Called once, without locks.
     *
     * @param removed whether the registration is gone without a message in the queue
     */
    void send(boolean removed);
  }

  private final String name;
  private final int mode;
  private final int uid;
  private final int gid;
  private final int payer;
  private final int mostMessages;
  private final int mostBytes;
  private final long number = AnonymousInodes.nextNumber();
  private final long time = System.currentTimeMillis() * 1_000_000;
  private final WaitQueue queue = new WaitQueue();

  @GuardedBy("this")
  private final TreeMap<Integer, ArrayDeque<Message>> messages =
      new TreeMap<>(Comparator.reverseOrder());

  @GuardedBy("this")
  private int count;

  @GuardedBy("this")
  private int receivers;

  @GuardedBy("this")
  private @Nullable Notification notification;

  /** Open files, and one for the name. Guarded by the {@link MessageQueues}. */
  int uses = 1;

  MessageQueue(
      String name, int mode, int uid, int gid, int payer, int mostMessages, int mostBytes) {
    this.name = name;
    this.mode = mode;
    this.uid = uid;
    this.gid = gid;
    this.payer = payer;
    this.mostMessages = mostMessages;
    this.mostBytes = mostBytes;
  }

  String name() {
    return name;
  }

  public int mostMessages() {
    return mostMessages;
  }

  /** Of one message. */
  public int mostBytes() {
    return mostBytes;
  }

  public synchronized int count() {
    return count;
  }

  WaitQueue queue() {
    return queue;
  }

  /** The user whose RLIMIT_MSGQUEUE it counts against. */
  int payer() {
    return payer;
  }

  Stat stat() {
    int type = Inode.S_IFREG;
    return new Stat(
        DEVICE,
        number,
        type | mode,
        1,
        uid,
        gid,
        0,
        SHOWN_SIZE,
        BLOCK_SIZE,
        0,
        time,
        time,
        time,
        time);
  }

  /** Zero, or {@link Results#NOT_YET} while the queue is full. */
  public long send(Message message, Task sender) {
    Notification told = null;
    synchronized (this) {
      if (count == mostMessages) {
        return Results.NOT_YET;
      }
      messages.computeIfAbsent(message.priority(), priority -> new ArrayDeque<>()).add(message);
      count++;
      if (count == 1 && receivers == 0) {
        told = notification;
        notification = null;
      }
    }
    queue.wake(Events.READABLE);
    if (told != null && told.thread() != null) {
      told.thread().send(false);
    } else if (told != null && told.signal() != 0) {
      int pid = told.owner().pidNamespace().number(sender.group());
      int uid = told.ids().shownUid(sender.credentials().uid());
      SigInfo info = SigInfo.queued(told.signal(), Signal.SI_MESGQ, pid, uid, told.value());
      Signals.sendNotice(told.owner(), info);
    }
    return 0;
  }

  /** The oldest message of the highest priority, or null. */
  public @Nullable Message receive() {
    Message taken;
    synchronized (this) {
      Map.Entry<Integer, ArrayDeque<Message>> first = messages.firstEntry();
      if (first == null) {
        return null;
      }
      taken = first.getValue().remove();
      if (first.getValue().isEmpty()) {
        messages.remove(first.getKey());
      }
      count--;
    }
    queue.wake(Events.WRITABLE);
    return taken;
  }

  /** Somebody waits for a message: then nobody else is told of it. */
  public synchronized void receiverCame() {
    receivers++;
  }

  public synchronized void receiverLeft() {
    receivers--;
  }

  /** mq_notify(3): zero, or -EBUSY. */
  public synchronized long register(Notification wanted) {
    if (notification != null) {
      return -Errno.EBUSY;
    }
    notification = wanted;
    return 0;
  }

  /** Takes the process's registration away, if it has it. */
  public void unregister(ThreadGroup owner) {
    Notification present;
    synchronized (this) {
      present = notification;
      if (present == null || present.owner() != owner) {
        return;
      }
      notification = null;
    }
    removed(present);
  }

  void tableClosed(Object table) {
    Notification present;
    synchronized (this) {
      present = notification;
      if (present == null || present.table() != table) {
        return;
      }
      notification = null;
    }
    removed(present);
  }

  private static void removed(Notification notification) {
    ThreadNotice thread = notification.thread();
    if (thread != null) {
      thread.send(true);
    }
  }

  /**
   * What a read of the descriptor tells (mq_overview(7)): bytes that wait, and who will be told.
   */
  synchronized String status() {
    long bytes = 0;
    for (ArrayDeque<Message> line : messages.values()) {
      for (Message message : line) {
        bytes += message.data().length;
      }
    }
    Notification told = notification;
    StringBuilder out = new StringBuilder("QSIZE:");
    pad(out, bytes, 10).append("NOTIFY:");
    int kind = told == null || told.signal() != 0 ? SIGEV_SIGNAL : SIGEV_NONE;
    boolean thread = told != null && told.thread() != null;
    pad(out, thread ? SIGEV_THREAD : kind, 5).append("SIGNO:");
    pad(out, told == null ? 0 : told.signal(), 5).append("NOTIFY_PID:");
    return pad(out, told == null ? 0 : told.owner().tgid(), 6).deleteCharAt(out.length() - 1)
        + "\n";
  }

  private static StringBuilder pad(StringBuilder out, long value, int width) {
    int end = out.length() + width;
    out.append(value);
    while (out.length() < end) {
      out.append(' ');
    }
    return out.append(' ');
  }

  synchronized int poll() {
    int ready = count > 0 ? Events.READABLE : 0;
    return count < mostMessages ? ready | Events.WRITABLE : ready;
  }
}
