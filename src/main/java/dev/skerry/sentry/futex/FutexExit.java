package dev.skerry.sentry.futex;

import dev.skerry.sentry.kernel.FutexWaker;
import dev.skerry.sentry.kernel.RobustLists;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.usermem.UserMemory;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** What the end of a thread does to futexes. */
public final class FutexExit implements FutexWaker, RobustLists {
  /** The longest list that is walked (ROBUST_LIST_LIMIT). */
  private static final int MOST = 2048;

  private static final int HEAD_SIZE = 24;
  private static final int POINTER = 8;

  /** An entry's lowest bit tells that the owner's end is {@link PiFutexes}' matter, too. */
  private static final long PI = 1;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final FutexTable table;
  private final FutexKeys keys;
  private final PiFutexes owners;

  public FutexExit(FutexTable table, FutexKeys keys, PiFutexes owners) {
    this.table = table;
    this.keys = keys;
    this.owners = owners;
  }

  @Override
  public void wake(Task task, long address, int count) {
    table.wake(keys.shared(task, address), count, FutexTable.EVERYBODY);
  }

  @Override
  public void exit(Task task) {
    owners.ownerEnds(task);
    long head = task.robustList();
    if (head == 0) {
      return;
    }
    task.setRobustList(0);
    UserMemory memory = task.memory();
    byte[] bytes = new byte[HEAD_SIZE];
    if (memory.copyIn(head, bytes, 0, HEAD_SIZE) < 0) {
      return;
    }
    long entry = (long) LONG.get(bytes, 0);
    long offset = (long) LONG.get(bytes, POINTER);
    long last = (long) LONG.get(bytes, 2 * POINTER);
    long pending = last & ~PI;
    for (int i = 0; i < MOST && (entry & ~PI) != head; i++) {
      long at = entry & ~PI;
      if (memory.copyIn(at, bytes, 0, POINTER) < 0) {
        break;
      }
      if (at != pending && !ownerDied(task, at + offset, (entry & PI) != 0)) {
        break;
      }
      entry = (long) LONG.get(bytes, 0);
    }
    if (pending != 0) {
      ownerDied(task, pending + offset, (last & PI) != 0);
    }
  }

  /** Marks the futex if the task held it, and wakes one waiter. Returns false after a fault. */
  private boolean ownerDied(Task task, long address, boolean inherits) {
    UserMemory memory = task.memory();
    while (true) {
      long value = memory.loadInt(address);
      if (value < 0) {
        return false;
      }
      if (((int) value & PiFutexes.TID_MASK) != task.pidNamespace().number(task)) {
        return true;
      }
      int marked = ((int) value & PiFutexes.WAITERS) | PiFutexes.OWNER_DIED;
      long before = memory.compareAndSwapInt(address, (int) value, marked);
      if (before < 0) {
        return false;
      }
      if (before == value) {
        if (!inherits && ((int) value & PiFutexes.WAITERS) != 0) {
          wake(task, address, 1);
        }
        return true;
      }
    }
  }
}
