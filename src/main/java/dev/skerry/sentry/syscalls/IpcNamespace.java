package dev.skerry.sentry.syscalls;

import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Namespace;
import dev.skerry.sentry.auth.NamespaceKind;
import dev.skerry.sentry.auth.UserNamespace;
import dev.skerry.sentry.fs.mqueue.MessageQueues;
import dev.skerry.sentry.ipc.IpcObject;
import dev.skerry.sentry.ipc.IpcTable;
import dev.skerry.sentry.ipc.MessageSet;
import dev.skerry.sentry.ipc.SemaphoreSet;
import dev.skerry.sentry.ipc.SharedSegment;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.sysctl.Sysctl;
import dev.skerry.sentry.sysctl.SysctlOwner;
import dev.skerry.sentry.sysctl.SysctlValues;

/** System V objects and POSIX message queues (ipc_namespaces(7)). Linux: struct ipc_namespace. */
public final class IpcNamespace extends Namespace implements SysctlOwner {
  private static final int MOST_SEGMENTS = 4096;
  private static final int MOST_SETS = 4096;
  private static final int MOST_QUEUES = 1024;

  /** Where SEMMNI is among the numbers of kernel.sem. */
  private static final int SETS = 3;

  private final SysctlValues sysctl = new SysctlValues();

  private final IpcTable<SharedSegment> segments;
  private final IpcTable<SemaphoreSet> semaphores;
  private final IpcTable<MessageSet> messages;
  private final MessageQueues queues;

  /** The sandbox's first one. */
  public IpcNamespace() {
    super(NamespaceKind.IPC);
    segments =
        new IpcTable<>(
            MOST_SEGMENTS, () -> sysctl.getInt(Sysctl.SHMMNI), () -> taken(Sysctl.SHM_NEXT_ID));
    semaphores =
        new IpcTable<>(
            MOST_SETS, () -> (int) sysctl.get(Sysctl.SEM, SETS), () -> taken(Sysctl.SEM_NEXT_ID));
    messages =
        new IpcTable<>(
            MOST_QUEUES, () -> sysctl.getInt(Sysctl.MSGMNI), () -> taken(Sysctl.MSG_NEXT_ID));
    queues = new MessageQueues(sysctl);
  }

  private IpcNamespace(IpcNamespace original, UserNamespace owner) throws ErrnoException {
    super(NamespaceKind.IPC, owner);
    segments =
        original.segments.another(
            () -> sysctl.getInt(Sysctl.SHMMNI), () -> taken(Sysctl.SHM_NEXT_ID));
    semaphores =
        original.semaphores.another(
            () -> (int) sysctl.get(Sysctl.SEM, SETS), () -> taken(Sysctl.SEM_NEXT_ID));
    messages =
        original.messages.another(
            () -> sysctl.getInt(Sysctl.MSGMNI), () -> taken(Sysctl.MSG_NEXT_ID));
    queues = original.queues.another(sysctl);
  }

  @Override
  public SysctlValues sysctl() {
    return sysctl;
  }

  private int taken(Sysctl nextId) {
    return (int) sysctl.take(nextId);
  }

  /** The settings of the task's. */
  static long setting(Task task, Sysctl setting, int index) {
    return of(task).sysctl.get(setting, index);
  }

  /** The one that the task is in. */
  static IpcNamespace of(Task task) {
    return (IpcNamespace) task.namespaces().get(NamespaceKind.IPC);
  }

  /** With nothing in it. */
  @Override
  public IpcNamespace unshare(UserNamespace newOwner) throws ErrnoException {
    return new IpcNamespace(this, newOwner);
  }

  IpcTable<SharedSegment> segments() {
    return segments;
  }

  IpcTable<SemaphoreSet> semaphores() {
    return semaphores;
  }

  IpcTable<MessageSet> messages() {
    return messages;
  }

  MessageQueues queues() {
    return queues;
  }

  @Override
  protected void freed() {
    removeAll(segments);
    removeAll(semaphores);
    removeAll(messages);
    queues.unlinkAll();
  }

  private static <T extends IpcObject> void removeAll(IpcTable<T> table) {
    for (T object : table.all()) {
      table.remove(object);
    }
  }
}
