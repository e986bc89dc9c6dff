package dev.skerry.sentry.kernel;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.usermem.IoBuffer;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.OpenFlags;
import dev.skerry.sentry.vfs.Stat;
import dev.skerry.sentry.waiter.Events;
import dev.skerry.sentry.waiter.WaitQueue;
import org.jspecify.annotations.Nullable;

/**
 * A process or a thread as a file (pidfd_open(2)): readable once it has ended. Linux: fs/pidfs.c.
 */
public final class PidFile extends OpenFileDescription {
  /** PIDFD_THREAD: the file is a thread's, be it the one that its process began with. */
  public static final int THREAD = OpenFlags.O_EXCL;

  private static final int MODE = 0700;

  private final ThreadGroup group;
  private final int tid;

  /** Null for the thread that has the id of its process, which another may become by execve(2). */
  private final @Nullable Task thread;

  /**
   * @param flags O_NONBLOCK, {@link #THREAD}
   */
  public PidFile(Task task, int flags) {
    this(task.group(), task.tid(), task.isLeader() ? null : task, OpenFlags.O_RDWR | flags);
  }

  private PidFile(ThreadGroup group, int tid, @Nullable Task thread, int flags) {
    super(flags);
    this.group = group;
    this.tid = tid;
    this.thread = thread;
  }

  public ThreadGroup group() {
    return group;
  }

  /** The thread's id, which another may have by now. */
  public int tid() {
    return tid;
  }

  public boolean isOfThread() {
    return (flags() & THREAD) != 0;
  }

  /** The thread, or the process's first; null once its status has been taken. */
  public @Nullable Task task() {
    TaskSet tasks = group.kernel().tasks();
    synchronized (tasks) {
      if (thread == null) {
        return group.reaped ? null : group.leader();
      }
      return tasks.find(tid) == thread ? thread : null;
    }
  }

  /** How it has ended, as wait(2) tells. */
  public int exitCode() {
    synchronized (group.kernel().tasks()) {
      return thread == null ? group.exitCode : thread.exitCode;
    }
  }

  @Override
  protected void release() {}

  @Override
  public OpenFileDescription reopen(int flags) {
    return new PidFile(group, tid, thread, flags);
  }

  @Override
  public String displayName() {
    return "anon_inode:[pidfd]";
  }

  @Override
  public String details() {
    Task reader = Task.current();
    PidNamespace pids = reader == null ? group.kernel().pids() : reader.pidNamespace();
    boolean gone = task() == null;
    int pid = gone ? -1 : pids.number(tid);
    String numbers = gone ? "-1" : pids.numbers(tid, group.pidNamespace());
    return "Pid:\t" + pid + "\nNSpid:\t" + numbers + "\n";
  }

  @Override
  public Stat stat() {
    return new Stat(0, tid, MODE, 1, 0, 0, 0, 0, 4096, 0, 0, 0, 0, group.startTime());
  }

  @Override
  public long pread(IoBuffer target, long offset) {
    return -Errno.EINVAL;
  }

  @Override
  public int poll() {
    synchronized (group.kernel().tasks()) {
      if (task() == null) {
        return Events.READABLE | Events.HUP;
      }
      return (thread == null ? group.zombie : thread.dead) ? Events.READABLE : 0;
    }
  }

  @Override
  public WaitQueue waitQueue() {
    return group.exitQueue();
  }
}
