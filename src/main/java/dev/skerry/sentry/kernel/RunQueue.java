package dev.skerry.sentry.kernel;

import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Work that became due: waits that became ready, stopped tasks that go on, processes to clean up
 * after. Whoever made it due (a worker that served another task's call, a timer, the control
 * connection) runs it after dropping its locks, so that a wake-up needs no other thread.
 */
public final class RunQueue {
  private final ConcurrentLinkedQueue<Runnable> ready = new ConcurrentLinkedQueue<>();

  /** Adds work, which must not block. */
  public void add(Runnable work) {
    ready.add(work);
  }

  /** Runs what is ready until nothing is. Called with no locks held. */
  public void drain() {
    Runnable work;
    while ((work = ready.poll()) != null) {
      work.run();
    }
  }
}
