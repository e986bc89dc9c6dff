package dev.skerry.sentry.aio;

import dev.skerry.sentry.waiter.Events;
import dev.skerry.sentry.waiter.WaitQueue;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Operations that have ended and that nobody has asked about yet. There are no others: each is done
 * when it is submitted, as Linux does with all that goes through the page cache. Linux: struct
 * kioctx.
 */
public final class AioContext {
  /**
   * What came of an operation.
   *
   * @param data as the program gave it
   * @param block the address of its control block
   */
  public record Event(long data, long block, long result) {}

  private final int capacity;
  private final WaitQueue queue = new WaitQueue();

  // Guarded by this.
  private final ArrayDeque<Event> events = new ArrayDeque<>();
  private int reserved;
  private boolean destroyed;

  AioContext(int capacity) {
    this.capacity = capacity;
  }

  int capacity() {
    return capacity;
  }

  /** Who waits for events. */
  public WaitQueue queue() {
    return queue;
  }

  /** Makes room for an event to come; false if there is none. */
  public synchronized boolean reserve() {
    if (events.size() + reserved >= capacity) {
      return false;
    }
    reserved++;
    return true;
  }

  /** The operation was not begun. */
  public synchronized void release() {
    reserved--;
  }

  /** The operation has ended. */
  public void complete(Event event) {
    synchronized (this) {
      reserved--;
      events.add(event);
    }
    queue.wake(Events.READABLE);
  }

  /** The oldest event; null if there is none. */
  public synchronized @Nullable Event take() {
    return events.poll();
  }

  /** Puts an event back that could not be told. */
  public synchronized void putBack(Event event) {
    events.addFirst(event);
  }

  public synchronized boolean isDestroyed() {
    return destroyed;
  }

  void destroy() {
    synchronized (this) {
      destroyed = true;
    }
    queue.wake(Events.READABLE);
  }
}
