package dev.skerry.sentry.futex;

import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.mm.MemoryManager;

/** Names futexes. */
public final class FutexKeys {
  /** Tells futexes of private memory that are named as shared ones; addresses end in zeros. */
  private static final long NAMED_AS_SHARED = 2;

  /** A futex that only tasks with the same address space use (FUTEX_PRIVATE_FLAG). */
  public FutexTable.Key local(Task task, long address) {
    return new FutexTable.Key(task.mm(), address);
  }

  /** A futex that may lie in memory that several processes share, each at an address of its own. */
  public FutexTable.Key shared(Task task, long address) {
    MemoryManager.SharedPlace place = task.mm().sharedPlace(task.thread().hostTid(), address);
    return place == null ? local(task, address | NAMED_AS_SHARED) : new FutexTable.Key(place, 0);
  }
}
