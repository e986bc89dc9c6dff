package dev.skerry.sentry.kernel;

import dev.skerry.abi.Signal;
import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.mm.MemoryManager;
import dev.skerry.sentry.vfs.Inode;
import java.util.ArrayList;
import java.util.List;

/**
 * The kernel's part in execve(2), around what the loader does. Linux: begin_new_exec() of
 * fs/exec.c.
 */
public final class Execution {
  private Execution() {}

  /**
   * The point of no return: the other threads of the process end, and the task takes over the
   * process's id. Afterwards the loader calls {@link
   * dev.skerry.sentry.platform.GuestThread#execute}.
   *
   * @return false if the task was killed meanwhile: the call is over
   */
  public static boolean begin(Task task) {
    TaskSet tasks = task.kernel().tasks();
    ThreadGroup group = task.group();
    List<Task> others = new ArrayList<>();
    synchronized (tasks) {
      if (task.ending.lingers) {
        task.kernel().runQueue().add(() -> Rundown.arrive(task));
      }
      if (task.dead || task.ending.lingers) {
        return false;
      }
      for (Task other : group.liveThreads()) {
        if (other != task) {
          others.add(other);
        }
      }
      for (Task other : others) {
        other.dead = true;
        other.signals.pending.clear();
        other.attention = true;
        group.liveThreads().remove(other);
        JobControl.leaving(other);
        tasks.ended();
        Tracing.tracerGone(other);
        // The first thread's id is the program's now.
        if (other.isLeader()) {
          Tracing.forget(other);
        } else if (Tracing.ended(other)) {
          continue;
        }
        tasks.remove(other);
      }
      task.executing = true;
      Tracing.executing(task);
      for (ThreadGroup child : new ArrayList<>(group.children())) {
        child.setParent(group, task);
      }
      tasks.rename(task, group.tgid());
      group.setLeader(task);
    }
    for (Task other : others) {
      Wait wait = other.takeWait();
      if (wait != null) {
        wait.abandon();
      }
      other.leaveParts();
    }
    if (task.files().isShared()) {
      FdTable shared = task.files();
      task.setFiles(shared.fork());
      shared.leave();
    }
    return true;
  }

  /**
   * Sets what goes on when the new address space is there.
   *
   * @param program the file that will be run
   * @param hostFd of that file; it stays open until {@code release} runs
   * @param loader runs then
   * @param release gives back what the loader holds: once, when the program is in place or the task
   *     has died before
   */
  public static void whenExecuted(
      Task task, Inode program, int hostFd, Runnable loader, Runnable release) {
    program.runs(task.kernel().tasks()::isRunning);
    task.thread().nextProgram(hostFd);
    task.setAfterExec(loader);
    task.setRelease(release);
  }

  /** The program could not be put in place: its process is gone, as if by SIGSEGV. */
  public static void fail(Task task) {
    synchronized (task.kernel().tasks()) {
      Exit.kill(task.group(), Signal.SIGSEGV);
    }
  }

  /**
   * The new program is in place; the loader has still to set the registers and to call {@link
   * Task#beginProgram}.
   *
   * @param mm the new address space
   * @param comm the program's short name
   * @param credentials as {@link Credentials#forExec} makes them
   */
  public static void finish(Task task, MemoryManager mm, String comm, Credentials credentials) {
    ThreadGroup group = task.group();
    Credentials before = task.credentials();
    boolean raised = before.euid() != credentials.euid() || before.egid() != credentials.egid();
    synchronized (task.kernel().tasks()) {
      group.handlers = group.handlers.copyForExec();
      group.executed = true;
      group.sharesMemory = false;
      if (group.exitSignal != 0 || group.parent() != null) {
        group.exitSignal = Signal.SIGCHLD;
      }
      task.signals.alternateStack = AlternateStack.NONE;
      if (raised) {
        task.parentDeathSignal = 0;
      }
      task.setCredentials(credentials);
      task.setDumpable(!raised && credentials.uid() == credentials.euid());
      task.executing = false;
    }
    task.setSettings(task.settings().forExec());
    task.setMm(mm);
    task.enterTime();
    task.setComm(comm);
    task.setClearChildTid(0);
    task.setRobustList(0);
    task.entry().forgetRestart();
    task.files().closeOnExec();
    ProcessTimers timers = group.timers();
    if (timers != null) {
      timers.executed();
    }
    task.release();
    Exit.releaseVfork(task);
  }
}
