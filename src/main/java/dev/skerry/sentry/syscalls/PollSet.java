package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.kernel.FdTable;
import dev.skerry.sentry.kernel.Restartable;
import dev.skerry.sentry.kernel.Results;
import dev.skerry.sentry.kernel.Rlimits;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.kernel.Wait;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.OpenFlags;
import dev.skerry.sentry.waiter.Events;
import org.jspecify.annotations.Nullable;

/** The descriptors of one poll(2) or select(2), with what is asked of each and what holds. */
final class PollSet {
  /** Writes the outcome to the guest. */
  interface Outcome {
    /**
     * @param ready how many descriptors have events
     * @return what the call returns
     */
    long deliver(int ready);

    /** A signal ends the call without an outcome. */
    default void interrupted() {}
  }

  private final @Nullable OpenFileDescription[] files;
  private final int[] wanted;
  private final int[] happened;
  private int size;

  PollSet(int capacity) {
    files = new OpenFileDescription[capacity];
    wanted = new int[capacity];
    happened = new int[capacity];
  }

  /**
   * Adds a descriptor; one that is not open, or opened with O_PATH, has POLLNVAL. Returns whether
   * it is open.
   */
  boolean add(FdTable table, int fd, int events) {
    OpenFileDescription file = table.acquire(fd);
    boolean open = file != null;
    if (file != null && (file.flags() & OpenFlags.O_PATH) != 0) {
      file.drop();
      file = null;
    }
    files[size] = file;
    wanted[size] = events;
    happened[size] = file == null ? Events.NVAL : 0;
    size++;
    return open;
  }

  /** Adds a place that is left out. */
  void addNothing() {
    size++;
  }

  int happened(int index) {
    return happened[index];
  }

  /** Looks at every file: how many have events. */
  int check() {
    int count = 0;
    for (int i = 0; i < size; i++) {
      OpenFileDescription file = files[i];
      if (file != null) {
        happened[i] = file.poll() & (wanted[i] | Events.ALWAYS);
      }
      if (happened[i] != 0) {
        count++;
      }
    }
    return count;
  }

  void release() {
    for (int i = 0; i < size; i++) {
      OpenFileDescription file = files[i];
      if (file != null) {
        files[i] = null;
        file.drop();
      }
    }
  }

  /**
   * Waits until there are events, and releases the set.
   *
   * @param timeout whether there is a deadline
   * @param deadline in the time of {@link System#nanoTime}
   * @param again how an interrupted call goes on; null if it begins anew unless a handler runs
   */
  long await(
      Task task, boolean timeout, long deadline, @Nullable Restartable again, Outcome outcome) {
    int ready = check();
    // A signal comes before the end of a time that was zero from the start (do_poll, fs/select.c).
    boolean late = timeout && deadline - System.nanoTime() <= 0;
    if (ready > 0 || (late && !task.isInterrupted())) {
      long result = outcome.deliver(ready);
      release();
      return result;
    }
    PollWait wait = new PollWait(task, again, outcome);
    for (int i = 0; i < size; i++) {
      OpenFileDescription file = files[i];
      if (file != null) {
        wait.on(file.waitQueue(), wanted[i]);
      }
    }
    if (timeout && !late) {
      wait.until(deadline);
    }
    return wait.park();
  }

  private final class PollWait extends Wait {
    private final @Nullable Restartable again;
    private final Outcome outcome;

    PollWait(Task task, @Nullable Restartable again, Outcome outcome) {
      super(task);
      this.again = again;
      this.outcome = outcome;
    }

    @Override
    protected long attempt() {
      int ready = check();
      return ready == 0 ? Results.NOT_YET : outcome.deliver(ready);
    }

    @Override
    protected long timedOut() {
      return outcome.deliver(0);
    }

    @Override
    protected long interrupted() {
      if (again == null) {
        outcome.interrupted();
        return Results.ERESTARTNOHAND;
      }
      task().setRestart(again);
      return Results.ERESTART_RESTARTBLOCK;
    }

    @Override
    protected void finished() {
      release();
    }
  }

  /** -EINVAL if a program may not ask about so many descriptors, else zero. */
  static long checkCount(Task task, long count) {
    long most = task.group().limits().soft(Rlimits.NOFILE);
    return Long.compareUnsigned(count, most) > 0 ? -Errno.EINVAL : 0;
  }
}
