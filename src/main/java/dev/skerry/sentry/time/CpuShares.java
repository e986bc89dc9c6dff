package dev.skerry.sentry.time;

import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.kernel.ThreadGroup;
import java.util.IdentityHashMap;
import java.util.List;

/**
 * Which of a process's threads a signal about its CPU time goes to first: each as often as it has
 * used that time. On Linux the clock ticks in the name of the thread that runs. Guarded by its
 * timer.
 */
final class CpuShares {
  /** With more threads, it is the first one's. */
  private static final int MOST = 64;

  /**
   * How a thread stands, in nanoseconds.
   *
   * @param used of CPU time
   * @param owed of that, what no signal was for
   */
  private record Share(long used, long owed) {
    static final Share NONE = new Share(0, 0);
  }

  private final ThreadGroup group;
  private IdentityHashMap<Task, Share> shares = new IdentityHashMap<>();

  CpuShares(ThreadGroup group) {
    this.group = group;
  }

  /** The thread whose turn it is. */
  Task next() {
    Task best = group.leader();
    List<Task> threads = group.threads();
    if (threads.size() < 2 || threads.size() > MOST) {
      return best;
    }
    IdentityHashMap<Task, Share> now = new IdentityHashMap<>();
    long total = 0;
    long most = 0;
    for (Task task : threads) {
      Share before = shares.getOrDefault(task, Share.NONE);
      // A thread that has not begun to run has used nothing.
      long clock = task.hasThread() ? TimerSet.threadClock(task).getAsLong() : 0;
      long used = Math.max(clock, before.used);
      long more = used - before.used;
      long owed = before.owed + more;
      total += more;
      now.put(task, new Share(used, owed));
      // One that sleeps is left asleep, whatever it is owed.
      if (more > 0 && owed > most) {
        most = owed;
        best = task;
      }
    }
    Share chosen = now.getOrDefault(best, Share.NONE);
    now.put(best, new Share(chosen.used, chosen.owed - total));
    shares = now;
    return best;
  }
}
