package dev.skerry.sentry.ipc;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.kernel.Results;
import dev.skerry.sentry.slab.Slab;
import dev.skerry.sentry.waiter.Events;
import dev.skerry.sentry.waiter.WaitQueue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A set of semaphores (semget(2)). Its monitor guards all. */
public final class SemaphoreSet extends IpcObject {
  /** SEMVMX. */
  public static final int MOST_VALUE = 32767;

  public static final int SEM_UNDO = 0x1000;
  public static final int IPC_NOWAIT = 04000;

  /** struct sembuf. */
  public record Operation(int index, int change, int flags) {}

  private final int[] values;
  private final int[] pids;
  private final Map<Object, int[]> undos = new HashMap<>();
  private final List<Operation[]> waiting = new ArrayList<>();
  private final WaitQueue queue = new WaitQueue();
  private long operationTime;

  /**
   * @throws ErrnoException ENOMEM
   */
  public SemaphoreSet(
      int id, int sequence, int key, int mode, Credentials creator, long seconds, int count)
      throws ErrnoException {
    super(id, sequence, key, mode, creator, seconds);
    if (!Slab.SEMAPHORE.take(count)) {
      throw ErrnoException.of(Errno.ENOMEM);
    }
    this.values = new int[count];
    this.pids = new int[count];
  }

  public int size() {
    return values.length;
  }

  /** Told whenever a value has changed, or the set is gone. */
  public WaitQueue queue() {
    return queue;
  }

  /** Seconds since the epoch, or 0. */
  public synchronized long operationTime() {
    return operationTime;
  }

  /**
   * Does all of the operations or none (semop(2)).
   *
   * @param owner the process, whose end undoes what SEM_UNDO asks
   * @return zero; {@link Results#NOT_YET} if the caller must wait; -EAGAIN is told apart by {@link
   *     #mustNotWait}; -EIDRM, -ERANGE, -ENOMEM
   */
  public long operate(Operation[] operations, Object owner, int pid, long seconds) {
    synchronized (this) {
      if (isRemoved()) {
        return -Errno.EIDRM;
      }
      int[] changed = values.clone();
      int[] undo = null;
      for (Operation operation : operations) {
        int index = operation.index();
        int value = changed[index] + operation.change();
        if (operation.change() == 0 ? changed[index] != 0 : value < 0) {
          return Results.NOT_YET;
        }
        if (value > MOST_VALUE) {
          return -Errno.ERANGE;
        }
        changed[index] = value;
        if ((operation.flags() & SEM_UNDO) != 0) {
          undo = undo == null ? undoOf(owner) : undo;
          undo[index] -= operation.change();
          if (Math.abs(undo[index]) > MOST_VALUE) {
            return -Errno.ERANGE;
          }
        }
      }
      if (undo != null && !keep(owner, undo)) {
        return -Errno.ENOMEM;
      }
      System.arraycopy(changed, 0, values, 0, values.length);
      for (Operation operation : operations) {
        pids[operation.index()] = pid;
      }
      operationTime = seconds;
    }
    queue.wake(Events.READABLE);
    return 0;
  }

  /** What the process's end undoes so far, for the caller to change. */
  private int[] undoOf(Object owner) {
    int[] present = undos.get(owner);
    return present == null ? new int[values.length] : present.clone();
  }

  /** Notes what the process's end undoes from now on; returns whether there was room. */
  private boolean keep(Object owner, int[] undo) {
    if (!undos.containsKey(owner) && !Slab.SEMAPHORE_UNDO.take(undo.length)) {
      return false;
    }
    undos.put(owner, undo);
    return true;
  }

  /** Whether the operation that holds the others up has IPC_NOWAIT. */
  public synchronized boolean mustNotWait(Operation[] operations) {
    int[] changed = values.clone();
    for (Operation operation : operations) {
      int value = changed[operation.index()] + operation.change();
      if (operation.change() == 0 ? changed[operation.index()] != 0 : value < 0) {
        return (operation.flags() & IPC_NOWAIT) != 0;
      }
      changed[operation.index()] = value;
    }
    return false;
  }

  /**
   * A caller begins to wait, so that GETNCNT and GETZCNT count it.
   *
   * @throws ErrnoException ENOMEM
   */
  public synchronized void addWaiting(Operation[] operations) throws ErrnoException {
    if (!Slab.SEMAPHORE_OPERATION.take(operations.length)) {
      throw ErrnoException.of(Errno.ENOMEM);
    }
    waiting.add(operations);
  }

  public synchronized void removeWaiting(Operation[] operations) {
    for (int i = 0; i < waiting.size(); i++) {
      if (waiting.get(i) == operations) {
        waiting.remove(i);
        Slab.SEMAPHORE_OPERATION.give(operations.length);
        return;
      }
    }
  }

  /** How many wait for the semaphore to become zero, or to rise. */
  public synchronized int countWaiting(int index, boolean forZero) {
    int count = 0;
    for (Operation[] operations : waiting) {
      for (Operation operation : operations) {
        boolean blocks =
            operation.change() == 0
                ? values[operation.index()] != 0
                : values[operation.index()] + operation.change() < 0;
        if (blocks) {
          count += operation.index() == index && (operation.change() == 0) == forZero ? 1 : 0;
          break;
        }
      }
    }
    return count;
  }

  public synchronized int value(int index) {
    return values[index];
  }

  /** The process that changed the semaphore last. */
  public synchronized int pid(int index) {
    return pids[index];
  }

  /** SETVAL and SETALL, after a check of the values: what was to be undone there is forgotten. */
  public void set(int first, int[] newValues, int pid, long seconds) {
    synchronized (this) {
      for (int i = 0; i < newValues.length; i++) {
        values[first + i] = newValues[i];
        pids[first + i] = pid;
        for (int[] undo : undos.values()) {
          undo[first + i] = 0;
        }
      }
      touch(seconds);
    }
    queue.wake(Events.READABLE);
  }

  /** The process has ended: its changes with SEM_UNDO are taken back as far as that is possible. */
  public void undo(Object owner, int pid, long seconds) {
    synchronized (this) {
      int[] undo = undos.remove(owner);
      if (undo == null) {
        return;
      }
      Slab.SEMAPHORE_UNDO.give(undo.length);
      for (int i = 0; i < values.length; i++) {
        if (undo[i] != 0) {
          values[i] = Math.clamp((long) values[i] + undo[i], 0, MOST_VALUE);
          pids[i] = pid;
        }
      }
      operationTime = seconds;
    }
    queue.wake(Events.READABLE);
  }

  @Override
  protected void removed() {
    synchronized (this) {
      Slab.SEMAPHORE_UNDO.give(undos.size() * values.length);
      undos.clear();
    }
    Slab.SEMAPHORE.give(values.length);
    queue.wake(Events.READABLE);
  }
}
