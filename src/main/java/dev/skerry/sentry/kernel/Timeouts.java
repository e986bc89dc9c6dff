package dev.skerry.sentry.kernel;

import dev.skerry.sentry.waiter.ServingThread;
import java.util.PriorityQueue;

/** Deadlines in monotonic time, run by one thread of their own. */
public final class Timeouts {
  private final PriorityQueue<Handle> queue =
      new PriorityQueue<>((a, b) -> Long.compare(a.deadline - b.deadline, 0));
  private final RunQueue runQueue;

  Timeouts(RunQueue runQueue) {
    this.runQueue = runQueue;
  }

  /** Starts the thread. */
  void start() {
    new Loop().start();
  }

  /**
   * Runs the action once, at the deadline or soon after, on the time thread and without locks. It
   * must not block.
   *
   * @param monotonicNanos in the time of {@link System#nanoTime}
   */
  public Handle schedule(long monotonicNanos, Runnable action) {
    Handle handle = new Handle(monotonicNanos, action);
    synchronized (this) {
      queue.add(handle);
      if (queue.peek() == handle) {
        notifyAll();
      }
    }
    return handle;
  }

  /** How many deadlines are awaited. */
  public synchronized int size() {
    return queue.size();
  }

  private final class Loop extends ServingThread {
    Loop() {
      super("timeouts");
    }

    @Override
    protected void loop() {
      while (true) {
        Handle due = next();
        begin();
        due.action.run();
        runQueue.drain();
        end();
      }
    }
  }

  private synchronized Handle next() {
    while (true) {
      Handle first = queue.peek();
      try {
        if (first == null) {
          wait();
          continue;
        }
        long left = first.deadline - System.nanoTime();
        if (left <= 0) {
          queue.remove();
          return first;
        }
        wait(left / 1_000_000, (int) (left % 1_000_000));
      } catch (InterruptedException e) {
        throw new IllegalStateException("nobody interrupts the time thread", e);
      }
    }
  }

  /** A deadline that can be called off. */
  public final class Handle {
    private final long deadline;
    private final Runnable action;

    private Handle(long deadline, Runnable action) {
      this.deadline = deadline;
      this.action = action;
    }

    /** Calls the action off, if it has not begun. */
    public void cancel() {
      synchronized (Timeouts.this) {
        queue.remove(this);
      }
    }
  }
}
