package dev.skerry.sentry.fs.proc;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.auth.UserNamespace;
import dev.skerry.sentry.kernel.Kernel;
import dev.skerry.sentry.kernel.PidNamespace;
import dev.skerry.sentry.kernel.SignalControl;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.kernel.ThreadGroup;
import dev.skerry.sentry.vfs.Owner;
import org.jspecify.annotations.Nullable;

/** Whom a directory tells about: a process as a whole, or one thread. */
final class Subject {
  /** The kinds of inode numbers: what the directory itself holds, and its two lists of files. */
  static final int OWN = 0;

  static final int DESCRIPTORS = 1;
  static final int DESCRIPTOR_DETAILS = 2;
  static final int NAMESPACES = 3;

  private final ProcFileSystem fileSystem;
  private final ThreadGroup group;
  private final @Nullable Task thread;

  /** Whether the directory is below "task". */
  private final boolean inTaskList;

  private Subject(
      ProcFileSystem fileSystem, ThreadGroup group, @Nullable Task thread, boolean inTaskList) {
    this.fileSystem = fileSystem;
    this.group = group;
    this.thread = thread;
    this.inTaskList = inTaskList;
  }

  /** The process with the id, or the thread, as /proc itself has them both; null for neither. */
  static @Nullable Subject find(ProcFileSystem fileSystem, int tid) {
    Task task = fileSystem.pids().find(tid);
    if (task == null) {
      return null;
    }
    return new Subject(fileSystem, task.group(), task.isLeader() ? null : task, false);
  }

  /** The thread of this process; null if it has none of that id. */
  @Nullable Subject threadOf(int tid) {
    Task task = pids().find(tid);
    return task == null || task.group() != group
        ? null
        : new Subject(fileSystem, group, task, true);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Subject subject
        && group == subject.group
        && thread == subject.thread
        && inTaskList == subject.inTaskList;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(group);
  }

  ProcFileSystem fileSystem() {
    return fileSystem;
  }

  Kernel kernel() {
    return fileSystem.kernel();
  }

  ThreadGroup group() {
    return group;
  }

  boolean isThread() {
    return thread != null;
  }

  boolean isInTaskList() {
    return inTaskList;
  }

  /** The thread, or the process's first; it may have ended. */
  Task task() {
    Task own = thread;
    return own == null ? group.leader() : own;
  }

  /** The number that the directory has. */
  int tid() {
    return pids().number(task());
  }

  PidNamespace pids() {
    return fileSystem.pids();
  }

  /** The task while it can be found under its id; then it fails with ESRCH. */
  Task present() throws ErrnoException {
    Task task = task();
    if (kernel().tasks().find(task.tid()) != task) {
      throw ErrnoException.of(Errno.ESRCH);
    }
    return task;
  }

  /** As {@link #present} for whoever lists a directory, which is like a removed one afterwards. */
  void presentDirectory() throws ErrnoException {
    Task task = task();
    if (kernel().tasks().find(task.tid()) != task) {
      throw ErrnoException.of(Errno.ENOENT);
    }
  }

  /** A task that has an address space and a host thread; null for a zombie and its like. */
  @Nullable Task live() {
    Task task = task();
    if (task.isDead() && thread == null) {
      task = group.anyThread();
    }
    return task == null || task.isDead() || !task.hasThread() ? null : task;
  }

  /**
   * Whether whoever is being served may look into the process (ptrace(2)).
   *
   * @param errno what refusal fails with
   */
  void checkInspect(int errno) throws ErrnoException {
    Task asking = Task.current();
    if (asking != null && !SignalControl.mayInspect(asking, task())) {
      throw ErrnoException.of(errno);
    }
  }

  boolean mayInspect() {
    Task asking = Task.current();
    return asking == null || SignalControl.mayInspect(asking, task());
  }

  /**
   * The user that the files belong to: the process's own, or root of its user namespace if others
   * may not look into it.
   */
  Owner owner() {
    Task task = task();
    if (task.isDumpable()) {
      return directoryOwner();
    }
    UserNamespace ids = task.credentials().userNamespace();
    int uid = ids.uid(0);
    int gid = ids.gid(0);
    return new Owner(uid == -1 ? 0 : uid, gid == -1 ? 0 : gid);
  }

  Owner directoryOwner() {
    Credentials credentials = task().credentials();
    return new Owner(credentials.euid(), credentials.egid());
  }

  long inode(int kind, int index) {
    return Numbers.inode(task().tid(), inTaskList, kind, index);
  }
}
