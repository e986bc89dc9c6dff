package dev.skerry.sentry.kernel;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.waiter.WaitEntry;
import dev.skerry.sentry.waiter.WaitQueue;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A system call that waits. It costs no thread: the task's notification stays unanswered until the
 * wait completes.
 *
 * <p>Use: make one, {@link #on} each queue, perhaps {@link #until}, then return {@link #park} from
 * the system call. The attempt runs once at once, and again each time that a queue tells of an
 * event, never twice at the same time, on any thread, with no locks held.
 */
public abstract class Wait {
  private enum State {
    /** Before or between attempts, nothing has happened since. */
    IDLE,
    /** In the run queue, or about to be. */
    READY,
    /** An attempt is running. */
    RUNNING,
    /** An attempt is running, and something has happened meanwhile. */
    RUNNING_AGAIN,
    DONE
  }

  private final Task task;
  private final List<Entry> entries = new ArrayList<>(1);
  private State state = State.RUNNING;

  /** Whether something has happened for which there was or will be another attempt. */
  private boolean told;

  private boolean interrupted;
  private boolean expired;
  private Timeouts.@Nullable Handle timeout;

  protected Wait(Task task) {
    this.task = task;
  }

  /** Tries to complete the call: its result, or {@link Results#NOT_YET}. */
  protected abstract long attempt();

  /** The result when the deadline passes. */
  protected long timedOut() {
    return -Errno.ETIMEDOUT;
  }

  /** The result when a signal interrupts the wait. */
  protected long interrupted() {
    return Results.ERESTARTSYS;
  }

  /** Whether a signal without deadly effect ends the wait, as things are. */
  protected boolean isInterruptible() {
    return true;
  }

  /** Answers the call that was parked. */
  protected void conclude(long result) {
    task.answer(result);
  }

  /** Frees what the wait holds, before its result is delivered. Runs once, without locks. */
  protected void finished() {}

  protected final Task task() {
    return task;
  }

  /** Asks to be told of the events on the queue; null stands for a queue that never tells. */
  public final Wait on(@Nullable WaitQueue queue, int events) {
    if (queue != null) {
      Entry entry = new Entry(queue, events);
      entries.add(entry);
      queue.add(entry);
    }
    return this;
  }

  /**
   * Sets the deadline.
   *
   * @param monotonicNanos in the time of {@link System#nanoTime}
   */
  public final Wait until(long monotonicNanos) {
    timeout = task.kernel().timeouts().schedule(monotonicNanos, this::expire);
    return this;
  }

  /**
   * Attempts once, and parks the task if it is not yet time.
   *
   * @return the call's result, or {@link Results#PARKED}
   */
  public final long park() {
    task.setWait(this);
    long result = attemptUntilIdle();
    if (result == Results.PARKED) {
      return result;
    }
    close();
    return result;
  }

  /** A signal is there for the task: ends the wait if it is not done. */
  final void interrupt() {
    boolean enqueue;
    synchronized (this) {
      interrupted = true;
      enqueue = makeReady();
    }
    if (enqueue) {
      task.kernel().runQueue().add(this::run);
    }
  }

  private void expire() {
    boolean enqueue;
    synchronized (this) {
      expired = true;
      enqueue = makeReady();
    }
    if (enqueue) {
      task.kernel().runQueue().add(this::run);
    }
  }

  /**
   * Notes that something happened, as a queue does: there will be another attempt.
   *
   * @return whether this is what the wait was for: nothing else happened before
   */
  protected final boolean woken() {
    boolean enqueue;
    boolean first;
    synchronized (this) {
      first = !told && state != State.DONE;
      told = true;
      enqueue = makeReady();
    }
    if (enqueue) {
      task.kernel().runQueue().add(this::run);
    }
    return first;
  }

  /** Returns whether the caller has to put the wait into the run queue. */
  private boolean makeReady() {
    switch (state) {
      case IDLE -> {
        state = State.READY;
        return true;
      }
      case RUNNING -> state = State.RUNNING_AGAIN;
      case READY, RUNNING_AGAIN, DONE -> {}
    }
    return false;
  }

  /** Runs from the run queue. */
  final void run() {
    synchronized (this) {
      if (state != State.READY) {
        return;
      }
      state = State.RUNNING;
    }
    Task.setCurrent(task);
    long result = attemptUntilIdle();
    Task.setCurrent(null);
    if (result != Results.PARKED) {
      close();
      conclude(result);
    }
  }

  private long attemptUntilIdle() {
    while (true) {
      long result = attempt();
      boolean stays = result == Results.NOT_YET && !isInterruptible();
      synchronized (this) {
        if (state == State.DONE) {
          // Abandoned meanwhile: nobody is there for the result.
          return Results.PARKED;
        }
        if (result == Results.NOT_YET) {
          if (!expired && (!interrupted || stays)) {
            if (state == State.RUNNING) {
              state = State.IDLE;
              told = false;
              return Results.PARKED;
            }
            state = State.RUNNING;
            continue;
          }
        }
        state = State.DONE;
      }
      if (result == Results.NOT_YET) {
        return expired ? timedOut() : interrupted();
      }
      return result;
    }
  }

  /** Ends the wait because its task dies: no result is delivered. */
  final void abandon() {
    synchronized (this) {
      if (state == State.DONE) {
        return;
      }
      state = State.DONE;
    }
    close();
  }

  private void close() {
    for (Entry entry : entries) {
      entry.queue.remove(entry);
    }
    if (timeout != null) {
      timeout.cancel();
    }
    task.clearWait(this);
    finished();
  }

  private final class Entry extends WaitEntry {
    private final WaitQueue queue;

    Entry(WaitQueue queue, int events) {
      super(events);
      this.queue = queue;
    }

    @Override
    protected boolean woken(int happened) {
      return Wait.this.woken();
    }
  }
}
