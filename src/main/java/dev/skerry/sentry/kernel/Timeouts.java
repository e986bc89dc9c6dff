package dev.skerry.sentry.kernel;

import dev.skerry.sentry.waiter.ServingThread;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Deadlines in monotonic time, run by one thread of their own. It is woken only for a deadline that
 * comes before the one it sleeps until: a wait that ends in time costs no wake-up, neither when it
 * begins nor when it is called off. Linux: kernel/time/hrtimer.c.
 *
 * <p>The monitor guards all; no other lock is taken with it.
 */
public final class Timeouts {
  /** A binary heap; the first comes first. */
  private final List<Handle> heap = new ArrayList<>();

  /**
   * Whether the thread sleeps, or is about to: until {@link #wakesAt} if it is to wake by itself.
   */
  private boolean asleep;

  private boolean wakes;
  private long wakesAt;

  private final Loop thread = new Loop();
  private final RunQueue runQueue;

  Timeouts(RunQueue runQueue) {
    this.runQueue = runQueue;
  }

  /** Starts the thread. */
  void start() {
    thread.start();
  }

  /**
   * Runs the action once, at the deadline or soon after, on the time thread and without locks. It
   * must not block.
   *
   * @param monotonicNanos in the time of {@link System#nanoTime}
   */
  public Handle schedule(long monotonicNanos, Runnable action) {
    Handle handle = new Handle(monotonicNanos, action);
    boolean wake;
    synchronized (this) {
      insert(handle);
      wake = asleep && (!wakes || handle.isBefore(wakesAt));
      if (wake) {
        // Once is enough until it has looked.
        asleep = false;
      }
    }
    if (wake) {
      LockSupport.unpark(thread);
    }
    return handle;
  }

  /** How many deadlines are awaited. */
  public synchronized int size() {
    return heap.size();
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

  private Handle next() {
    while (true) {
      long left;
      synchronized (this) {
        asleep = false;
        wakes = !heap.isEmpty();
        left = wakes ? heap.getFirst().deadline - System.nanoTime() : 0;
        if (wakes && left <= 0) {
          Handle due = heap.getFirst();
          remove(due);
          return due;
        }
        asleep = true;
        wakesAt = wakes ? heap.getFirst().deadline : 0;
      }
      // A wake-up that comes before the thread sleeps makes it look again at once.
      if (left > 0) {
        LockSupport.parkNanos(this, left);
      } else {
        LockSupport.park(this);
      }
    }
  }

  private void insert(Handle handle) {
    heap.add(handle);
    rise(heap.size() - 1, handle);
  }

  private void remove(Handle handle) {
    int at = handle.index;
    Handle last = heap.removeLast();
    handle.index = Handle.NOWHERE;
    if (last != handle) {
      sink(at, last);
      rise(last.index, last);
    }
  }

  /** Puts a handle where it belongs, at the place or above. */
  private void rise(int from, Handle handle) {
    int at = from;
    while (at > 0) {
      Handle above = heap.get((at - 1) / 2);
      if (!handle.isBefore(above.deadline)) {
        break;
      }
      put(at, above);
      at = (at - 1) / 2;
    }
    put(at, handle);
  }

  /** Puts a handle where it belongs, at the place or below. */
  private void sink(int from, Handle handle) {
    int at = from;
    for (int below = 2 * at + 1; below < heap.size(); below = 2 * at + 1) {
      if (below + 1 < heap.size() && heap.get(below + 1).isBefore(heap.get(below).deadline)) {
        below++;
      }
      if (!heap.get(below).isBefore(handle.deadline)) {
        break;
      }
      put(at, heap.get(below));
      at = below;
    }
    put(at, handle);
  }

  private void put(int at, Handle handle) {
    heap.set(at, handle);
    handle.index = at;
  }

  /** A deadline that can be called off. */
  public final class Handle {
    private static final int NOWHERE = -1;

    private final long deadline;
    private final Runnable action;

    /** Where it is in the heap. */
    private int index = NOWHERE;

    private Handle(long deadline, Runnable action) {
      this.deadline = deadline;
      this.action = action;
    }

    private boolean isBefore(long other) {
      return deadline - other < 0;
    }

    /** Calls the action off, if it has not begun. */
    public void cancel() {
      synchronized (Timeouts.this) {
        if (index != NOWHERE) {
          remove(this);
        }
      }
    }
  }
}
