package dev.skerry.sentry.waiter;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A thread that serves: guests' entries, deadlines, requests from outside, one after another. It
 * notes when a service begins, so that one that does not end is seen, and tells before it sleeps in
 * the middle of one, so that the work goes on without it. Linux: a worker of kernel/workqueue.c.
 */
public abstract class ServingThread extends Thread {
  private static final Set<ServingThread> ALL = ConcurrentHashMap.newKeySet();

  /** When the present service began, in the time of {@link System#nanoTime}; 0 for none. */
  private volatile long since;

  private @Nullable Object served;

  protected ServingThread(String name) {
    super(name);
  }

  @Override
  public final void start() {
    setDaemon(true);
    super.start();
  }

  @Override
  public final void run() {
    ALL.add(this);
    try {
      loop();
    } finally {
      ALL.remove(this);
    }
  }

  /** What the thread does until it ends, each service between {@link #begin} and {@link #end}. */
  protected abstract void loop();

  protected final void begin() {
    since = System.nanoTime() | 1;
  }

  protected final void end() {
    since = 0;
  }

  /** Whom the thread serves at present; null for nobody. Asked for and set by the thread itself. */
  public final @Nullable Object served() {
    return served;
  }

  public final void setServed(@Nullable Object whom) {
    served = whom;
  }

  public final boolean isServing() {
    return since != 0;
  }

  /** The threads whose present service has lasted for longer. */
  public static List<Thread> stuck(long nanos) {
    long now = System.nanoTime();
    List<Thread> stuck = new ArrayList<>();
    for (ServingThread thread : ALL) {
      long begun = thread.since;
      if (begun != 0 && now - begun > nanos) {
        stuck.add(thread);
      }
    }
    return stuck;
  }

  /** The present thread is about to wait for something outside the sentry. */
  public static void sleeping() {
    if (Thread.currentThread() instanceof ServingThread serving) {
      serving.beforeSleep();
    }
  }

  /** Lets another thread serve meanwhile. Must not block. */
  protected void beforeSleep() {}
}
