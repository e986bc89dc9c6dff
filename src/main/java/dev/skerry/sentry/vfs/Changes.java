package dev.skerry.sentry.vfs;

import dev.skerry.sentry.waiter.Events;
import dev.skerry.sentry.waiter.WaitQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts the changes of what a file tells of, for those who poll the file. */
public final class Changes {
  /** Of what can be waited for in vain. */
  public static final Changes NONE = new Changes();

  private final WaitQueue queue = new WaitQueue();
  private final AtomicInteger count = new AtomicInteger();

  public void happened() {
    count.incrementAndGet();
    queue.wake(Events.PRI | Events.ERR);
  }

  public int count() {
    return count.get();
  }

  public WaitQueue queue() {
    return queue;
  }
}
