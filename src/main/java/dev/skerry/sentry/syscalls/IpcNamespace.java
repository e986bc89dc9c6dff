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

/** System V objects and POSIX message queues (ipc_namespaces(7)). Linux: struct ipc_namespace. */
public final class IpcNamespace extends Namespace {
  static final int MOST_SEGMENTS = 4096;
  static final int MOST_SETS = 4096;
  static final int MOST_QUEUES = 1024;

  private final IpcTable<SharedSegment> segments;
  private final IpcTable<SemaphoreSet> semaphores;
  private final IpcTable<MessageSet> messages;
  private final MessageQueues queues;

  /** The sandbox's first one. */
  public IpcNamespace() {
    super(NamespaceKind.IPC);
    segments = new IpcTable<>(MOST_SEGMENTS);
    semaphores = new IpcTable<>(MOST_SETS);
    messages = new IpcTable<>(MOST_QUEUES);
    queues = new MessageQueues();
  }

  private IpcNamespace(IpcNamespace original, UserNamespace owner) throws ErrnoException {
    super(NamespaceKind.IPC, owner);
    segments = original.segments.another();
    semaphores = original.semaphores.another();
    messages = original.messages.another();
    queues = original.queues.another();
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
  }

  private static <T extends IpcObject> void removeAll(IpcTable<T> table) {
    for (T object : table.all()) {
      table.remove(object);
    }
  }
}
