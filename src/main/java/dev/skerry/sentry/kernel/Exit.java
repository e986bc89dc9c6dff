package dev.skerry.sentry.kernel;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Signal;
import dev.skerry.sentry.waiter.Events;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The end of threads and processes. A process that is killed is marked dead at once, and nothing
 * that its threads still ask for is heard; the rest, which takes other locks and guest memory,
 * follows from the run queue; only then is it a zombie and its parent told. Linux: kernel/exit.c.
 */
public final class Exit {
  /** The bit of a wait status that tells of a core file. */
  static final int CORE_DUMPED = 0x80;

  private Exit() {}

  /** Ends the calling task's process (exit_group(2)). */
  public static void process(Task task, int status) {
    synchronized (task.kernel().tasks()) {
      endByCall(task.group(), (status & 0xff) << 8);
      if (!task.ending.lingers) {
        return;
      }
    }
    Rundown.endsItself(task);
  }

  /** Ends the process of the calling task, whose call is never answered. */
  private static void endByCall(ThreadGroup group, int exitCode) {
    if (!group.exiting) {
      List<Task> live = group.liveThreads();
      group.standsStill = live.size() == 1 && live.getFirst().isLeader() && !group.isInit();
    }
    begin(group, exitCode);
  }

  /**
   * Ends the calling task as if by a signal, and its process with the last one: not within the
   * call, which the host would have to make, but after it.
   *
   * @return the call's result
   */
  public static long condemn(Task task, int signal) {
    synchronized (task.kernel().tasks()) {
      task.ending.condemnedBy = signal;
      task.attention = true;
    }
    return -Errno.EINTR;
  }

  /** As {@link #condemn}, the whole process. The call's result is for its core to show. */
  public static void condemnProcess(Task task, SigInfo info) {
    synchronized (task.kernel().tasks()) {
      task.ending.processCondemnedBy = info;
      task.attention = true;
    }
  }

  /** Whether no other task of the process's lives. */
  public static boolean isLast(Task task) {
    synchronized (task.kernel().tasks()) {
      return task.group().liveThreads().size() == 1;
    }
  }

  /** Ends the calling task (exit(2)), and its process with the last one. */
  public static void thread(Task task, int status) {
    endThread(task, (status & 0xff) << 8);
  }

  /** Ends the calling task during an event as if by a signal, and its process with the last one. */
  static void threadBySignal(Task task, int signal) {
    endThread(task, signal);
  }

  private static void endThread(Task task, int exitCode) {
    ThreadGroup group = task.group();
    boolean lingers;
    synchronized (task.kernel().tasks()) {
      lingers = task.ending.lingers;
      if (task.dead) {
        return;
      }
      if (!lingers && group.liveThreads().size() == 1) {
        task.exitCode = exitCode;
        endByCall(group, group.leader().exitCode);
        return;
      }
    }
    if (lingers) {
      Rundown.endsItself(task);
    } else {
      leave(task, exitCode);
    }
  }

  /** Ends a task, in an entry of its own, that is not its process's last. */
  static void leave(Task task, int exitCode) {
    TaskSet tasks = task.kernel().tasks();
    ThreadGroup group = task.group();
    synchronized (tasks) {
      if (task.dead) {
        return;
      }
      task.exitCode = exitCode;
      task.dead = true;
      group.liveThreads().remove(task);
      JobControl.leaving(task);
      Signals.retarget(task, group.pending.set());
      task.signals.pending.clear();
      adoptFrom(task);
    }
    releaseParts(task);
    synchronized (tasks) {
      tasks.ended();
      if (!task.isLeader() && task.trace() == null) {
        tasks.remove(task);
      }
    }
    walkRobustList(task);
    clearChildTid(task);
    synchronized (tasks) {
      if (!task.isLeader() && !Tracing.ended(task)) {
        tasks.remove(task);
      }
      group.exitQueue().wake(Events.READABLE);
    }
    task.thread().exitThread();
  }

  private static void walkRobustList(Task task) {
    if (task.robustList() != 0) {
      task.kernel().robustLists().exit(task);
    }
  }

  /** Ends a process by a signal. Guarded by TaskSet. */
  static void kill(ThreadGroup group, int signal) {
    begin(group, signal);
  }

  /** The host has ended the process. */
  static void killedByHost(ThreadGroup group) {
    synchronized (group.kernel().tasks()) {
      group.killedByHost |= !group.exiting;
      killNow(group);
    }
  }

  /** Kills a process without asking its tracers. Guarded by TaskSet. */
  static void killNow(ThreadGroup group) {
    begin(group, Signal.SIGKILL);
    Rundown rundown = group.rundown;
    if (rundown != null) {
      rundown.force();
    }
  }

  /**
   * As {@link #kill}, with a core file of all that the process was.
   *
   * @param struck by the signal, in an event
   */
  static void killWithCore(Task struck, SigInfo info) {
    begin(struck.group(), info.signal(), struck, info);
  }

  /** The core was dumped, or could not be. */
  static void dumped(ThreadGroup group, boolean dumped) {
    synchronized (group.kernel().tasks()) {
      group.exitCode |= dumped ? CORE_DUMPED : 0;
    }
  }

  private static void begin(ThreadGroup group, int exitCode) {
    begin(group, exitCode, null, null);
  }

  private static void begin(
      ThreadGroup group, int exitCode, @Nullable Task struck, @Nullable SigInfo reason) {
    if (group.exiting) {
      return;
    }
    group.exiting = true;
    group.exitCode = exitCode;
    Rundown rundown = Rundown.begin(group, struck, reason);
    for (Task task : group.liveThreads()) {
      if (!task.ending.lingers) {
        task.dead = true;
        Tracing.dying(task);
        if (rundown != null && task.hasThread()) {
          // Its host thread may run guest code for a while yet.
          task.thread().poke();
        }
        task.attention = true;
      }
    }
    group.rundown = rundown;
    if (rundown == null) {
      finishSoon(group);
    } else {
      rundown.start();
    }
  }

  /** All tasks have come to their end. Guarded by TaskSet. */
  static void finishSoon(ThreadGroup group) {
    group.rundown = null;
    group.kernel().runQueue().add(() -> finish(group));
  }

  private static void finish(ThreadGroup group) {
    Kernel kernel = group.kernel();
    List<Task> threads = group.threads();
    Usage usage = group.measureAtEnd();
    for (Task task : threads) {
      if (task.hasThread()) {
        walkRobustList(task);
        if (group.sharesMemory) {
          clearChildTid(task);
        }
      }
    }
    boolean kill = !group.isKilledByHost();
    if (kill && !group.standsStill) {
      killHost(threads);
    }
    for (Task task : threads) {
      Wait wait = task.takeWait();
      if (wait != null) {
        wait.abandon();
      }
      releaseParts(task);
    }
    ProcessTimers timers = group.timers();
    if (timers != null) {
      timers.exited();
    }
    kernel.processExited(group);
    PidNamespace pids = group.pidNamespace();
    boolean waits;
    synchronized (kernel.tasks()) {
      waits = group.isInit() && pids.killAll(() -> conclude(group, threads, usage));
    }
    if (!waits) {
      conclude(group, threads, usage);
    }
    if (kill && group.standsStill) {
      // Its last call is never answered; the parent need not wait until the host has taken it down.
      kernel.runQueue().add(() -> group.leader().thread().endProcess());
    }
  }

  private static void conclude(ThreadGroup group, List<Task> threads, Usage usage) {
    Kernel kernel = group.kernel();
    ControllingTerminal lost;
    Session session;
    synchronized (kernel.tasks()) {
      session = group.session();
      group.setUsage(usage);
      for (Task task : threads) {
        kernel.tasks().ended();
        task.exitCode = group.exitCode;
        if (!task.isLeader() && !Tracing.ended(task)) {
          kernel.tasks().remove(task);
        }
      }
      lost = becomeZombie(group, threads);
    }
    if (lost != null) {
      lost.released(session);
    }
    kernel.reportIfEnded();
  }

  private static void killHost(List<Task> threads) {
    for (Task task : threads) {
      if (task.hasThread()) {
        task.thread().killProcess();
        return;
      }
    }
  }

  private static void clearChildTid(Task task) {
    long address = task.clearChildTid();
    if (address != 0) {
      task.setClearChildTid(0);
      if (task.memory().storeInt(address, 0) == 0) {
        task.kernel().futexes().wake(task, address, 1);
      }
    }
  }

  private static void releaseParts(Task task) {
    task.leaveParts();
    task.release();
    releaseVfork(task);
  }

  static void releaseVfork(Task child) {
    VforkWait waiting;
    synchronized (child.kernel().tasks()) {
      waiting = child.vforkChildOf;
      child.vforkChildOf = null;
    }
    if (waiting != null) {
      waiting.released();
    }
  }

  /** The tree without the process. Returns the terminal that its session loses. */
  private static @Nullable ControllingTerminal becomeZombie(ThreadGroup group, List<Task> threads) {
    for (Task task : threads) {
      adoptFrom(task);
      task.signals.pending.clear();
    }
    group.liveThreads().clear();
    group.pending.clear();
    ProcessGroup job = group.processGroup();
    ControllingTerminal lost = null;
    Session session = job.session();
    if (session.id() == group.tgid()) {
      lost = session.terminal();
      ProcessGroup foreground = session.foreground();
      session.setTerminal(null, null);
      if (lost != null && foreground != null) {
        foreground.signal(SigInfo.kernel(Signal.SIGHUP));
        foreground.signal(SigInfo.kernel(Signal.SIGCONT));
      }
    }
    List<ThreadGroup> orphans = new ArrayList<>(group.children());
    group.zombie = true;
    ThreadGroup reaper = reaperOf(group);
    for (ThreadGroup child : orphans) {
      child.setParent(reaper, reaper == null ? null : reaper.anyThread());
      child.exitSignal = Signal.SIGCHLD;
      if (child.zombie) {
        notifyParent(child);
      } else {
        hangUpIfOrphaned(child.processGroup(), job, child);
      }
    }
    ThreadGroup parent = group.parent();
    if (parent != null && parent.processGroupOrNull() != null) {
      ProcessGroup parentJob = parent.processGroup();
      if (parentJob != job && parentJob.session() == session) {
        hangUpIfOrphaned(job, null, group);
      }
    }
    group.exitQueue().wake(Events.READABLE);
    notifyParent(group);
    group.pidNamespace().processEnded(group.kernel());
    return lost;
  }

  /** A thread ends: children whose parent it was ask for their signal, and get another thread. */
  private static void adoptFrom(Task thread) {
    Tracing.tracerGone(thread);
    ThreadGroup group = thread.group();
    for (ThreadGroup child : new ArrayList<>(group.children())) {
      if (child.parentThread() != thread) {
        continue;
      }
      for (Task task : new ArrayList<>(child.liveThreads())) {
        if (task.parentDeathSignal != 0) {
          Signals.send(child, Signals.from(thread, task, task.parentDeathSignal, Signal.SI_USER));
        }
      }
      if (!group.liveThreads().isEmpty() && group.liveThreads().getFirst() != thread) {
        child.setParent(group, group.liveThreads().getFirst());
      }
    }
  }

  private static @Nullable ThreadGroup reaperOf(ThreadGroup group) {
    PidNamespace pids = group.pidNamespace();
    for (ThreadGroup up = group.parent();
        up != null && up.pidNamespace() == pids;
        up = up.parent()) {
      if (up.subreaper && !up.exiting) {
        return up;
      }
    }
    ThreadGroup init = pids.init();
    return init == group || (init != null && init.zombie) ? null : init;
  }

  /**
   * A job that has just lost its last tie to its session and has stopped members would stay stopped
   * for ever (setpgid(2)).
   */
  private static void hangUpIfOrphaned(
      ProcessGroup job, @Nullable ProcessGroup parentJob, ThreadGroup leaving) {
    if (parentJob != null && (parentJob == job || parentJob.session() != job.session())) {
      return;
    }
    if (job.isOrphanedWithout(leaving) && job.hasStoppedMember()) {
      job.signal(SigInfo.kernel(Signal.SIGHUP));
      job.signal(SigInfo.kernel(Signal.SIGCONT));
    }
  }

  /** Tells the parent of a zombie, or reaps it if the parent does not care. */
  static void notifyParent(ThreadGroup group) {
    ThreadGroup parent = group.parent();
    if (group.unreaped > 0) {
      // Its last thread to be waited for tells.
      return;
    }
    Trace trace = group.leader().trace();
    if (trace != null && Tracing.isForeign(group, trace)) {
      // The tracer first; the parent when that has done with it.
      SigInfo info = exitInfo(group);
      Tracee.tell(group.leader(), trace.tracer, info.code(), info.status());
      return;
    }
    if (parent == null || parent.zombie) {
      if (group != group.kernel().pids().init()) {
        reap(group);
      }
      return;
    }
    boolean unwanted = false;
    if (group.exitSignal == Signal.SIGCHLD) {
      SignalAction action = parent.handlers.get(Signal.SIGCHLD);
      unwanted = action.isIgnore() || action.has(SignalAction.SA_NOCLDWAIT);
      if (!action.isIgnore()) {
        Signals.send(parent, exitInfo(group));
      }
    } else if (group.exitSignal != 0) {
      Signals.send(parent, exitInfo(group));
    }
    parent.childQueue().wake(Events.READABLE);
    if (unwanted) {
      reap(group);
    }
  }

  private static SigInfo exitInfo(ThreadGroup group) {
    int code = group.exitCode;
    if ((code & 0x7f) == 0) {
      return childInfo(group, Signal.CLD_EXITED, (code >> 8) & 0xff);
    }
    int kind = (code & 0x80) != 0 ? Signal.CLD_DUMPED : Signal.CLD_KILLED;
    return childInfo(group, kind, code & 0x7f);
  }

  static SigInfo childInfo(ThreadGroup group, int code, int status) {
    ThreadGroup parent = group.parent();
    int signal = group.exitSignal == 0 ? Signal.SIGCHLD : group.exitSignal;
    boolean ended = group.zombie;
    return SigInfo.child(
        ended ? signal : Signal.SIGCHLD,
        code,
        parent == null ? group.tgid() : parent.pidNamespace().number(group),
        shownUid(group),
        status,
        ended ? Usage.ticks(group.usage().user()) : 0,
        ended ? Usage.ticks(group.usage().system()) : 0);
  }

  /** The user of a process as its parent knows it. */
  private static int shownUid(ThreadGroup group) {
    int uid = group.leader().credentials().uid();
    ThreadGroup parent = group.parent();
    return parent == null ? uid : parent.leader().credentials().userNamespace().shownUid(uid);
  }

  /** Takes a zombie out of the tree. Guarded by TaskSet. */
  static void reap(ThreadGroup group) {
    group.reaped = true;
    TaskSet tasks = group.kernel().tasks();
    group.setParent(null, null);
    tasks.remove(group.leader());
    tasks.move(group, null);
    group.exitQueue().wake(Events.HUP);
  }
}
