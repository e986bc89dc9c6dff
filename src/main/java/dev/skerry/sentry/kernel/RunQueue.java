package dev.skerry.sentry.kernel;

import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Work that became due: waits that became ready, stopped tasks that go on, processes to clean up
 * after. Whoever made it due (a worker that served another task's call, a timer, the control
 * connection) runs it after dropping its locks, so that a wake-up needs no other thread.
 */
public final class RunQueue {
  private final ConcurrentLinkedQueue<Runnable> ready = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<Runnable> signals = new ConcurrentLinkedQueue<>();

  /** Adds work, which must not block. */
  public void add(Runnable work) {
    ready.add(work);
  }

  /** Adds the sending of a signal, which the caller of a call gets before the call's end. */
  void addSignal(Runnable sending) {
    signals.add(sending);
  }

  /** Sends the signals that became due. Called with no locks held. */
  void sendSignals() {
    run(signals);
  }

  /** Runs what is ready until nothing is. Called with no locks held. */
  public void drain() {
    run(signals);
    while (run(ready)) {
      run(signals);
    }
  }

  private static boolean run(ConcurrentLinkedQueue<Runnable> queue) {
    Runnable work = queue.poll();
    boolean any = work != null;
    while (work != null) {
      work.run();
      work = queue.poll();
    }
    return any;
  }
}
