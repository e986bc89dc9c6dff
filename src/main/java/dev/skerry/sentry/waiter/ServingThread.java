package dev.skerry.sentry.waiter;

/**
 * A thread that serves guests' entries, one after another. Linux: a worker of kernel/workqueue.c,
 * which tells before it sleeps, so that the work goes on without it.
 */
public abstract class ServingThread extends Thread {
  protected ServingThread(String name) {
    super(name);
  }

  /** The present thread is about to wait for something outside the sentry. */
  public static void sleeping() {
    if (Thread.currentThread() instanceof ServingThread serving) {
      serving.beforeSleep();
    }
  }

  /** Lets another thread serve meanwhile. Must not block. */
  protected abstract void beforeSleep();
}
