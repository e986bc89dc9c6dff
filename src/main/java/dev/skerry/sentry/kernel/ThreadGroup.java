package dev.skerry.sentry.kernel;

import dev.skerry.sentry.waiter.WaitQueue;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A process: tasks that share a process id, signal actions and limits. Fields are guarded by {@link
 * TaskSet}; the public methods take it themselves. Linux: struct signal_struct.
 */
public final class ThreadGroup {
  /** Nanoseconds of CPU time in which a process cannot use much memory. */
  private static final long LITTLE = 10_000_000;

  private final Kernel kernel;
  private final TaskSet tasks;
  private final int tgid;
  private final PidNamespace pids;
  private final boolean init;
  private final Rlimits limits;
  private final List<Task> threads = new ArrayList<>(1);
  private final Set<ThreadGroup> children = new LinkedHashSet<>();
  private final WaitQueue childQueue = new WaitQueue();
  private final WaitQueue exitQueue = new WaitQueue();
  private final long startTime;
  final PendingSignals pending = new PendingSignals();

  private Task leader;
  private @Nullable ThreadGroup parent;
  private @Nullable Task parentThread;
  private @Nullable ProcessGroup processGroup;
  private volatile @Nullable ProcessTimers timers;

  SignalHandlers handlers;
  int exitSignal;
  boolean exiting;
  boolean zombie;
  boolean reaped;

  /** How many threads have ended whose tracers do not know it yet. */
  int unreaped;

  int exitCode;
  boolean subreaper;
  boolean executed;
  boolean killedByHost;

  /** What has still to be done before its end; null for nothing. */
  @Nullable Rundown rundown;

  /** Whether its one thread has called exit(2), and waits for an answer until it is killed. */
  boolean standsStill;

  /** Whether another process may see this one's memory (CLONE_VM). */
  boolean sharesMemory;

  // Job control.
  int stopSignal;
  int stopsAwaited;
  boolean stopped;
  boolean stopReport;
  boolean continueReport;

  /** Whether it gave up the terminal that its session has (TIOCNOTTY). */
  volatile boolean withoutTerminal;

  private volatile OomScoreAdjustment oomScoreAdjustment = OomScoreAdjustment.NONE;
  private Usage usage = Usage.NONE;
  private Usage childrenUsage = Usage.NONE;
  private final IoCounters io = new IoCounters();

  ThreadGroup(Task leader, SignalHandlers handlers, Rlimits limits, int exitSignal) {
    this.kernel = leader.kernel();
    this.tasks = kernel.tasks();
    this.tgid = leader.tid();
    this.pids = leader.pidNamespace();
    this.init = pids.number(tgid) == 1;
    this.leader = leader;
    this.handlers = handlers;
    this.limits = limits;
    this.exitSignal = exitSignal;
    this.startTime = kernel.uptime();
  }

  /** The process id. */
  public int tgid() {
    return tgid;
  }

  public Kernel kernel() {
    return kernel;
  }

  /** The first task, or the one that executed the program; it may have ended already. */
  public Task leader() {
    synchronized (tasks) {
      return leader;
    }
  }

  void setLeader(Task task) {
    leader = task;
  }

  /** The tasks that have not ended. */
  public List<Task> threads() {
    synchronized (tasks) {
      return List.copyOf(threads);
    }
  }

  List<Task> liveThreads() {
    return threads;
  }

  /** Some task that has not ended, or null. */
  public @Nullable Task anyThread() {
    synchronized (tasks) {
      return threads.isEmpty() ? null : threads.getFirst();
    }
  }

  /** The parent process; null for the sandbox's init. */
  public @Nullable ThreadGroup parent() {
    synchronized (tasks) {
      return parent;
    }
  }

  /** The processes that one of its threads is the parent of, by their ids. */
  public List<Integer> childrenOf(Task thread) {
    List<Integer> ids = new ArrayList<>();
    synchronized (tasks) {
      for (ThreadGroup child : children) {
        if (child.parentThread == thread) {
          ids.add(child.tgid);
        }
      }
    }
    return ids;
  }

  @Nullable Task parentThread() {
    return parentThread;
  }

  void setParent(@Nullable ThreadGroup newParent, @Nullable Task thread) {
    if (parent != null) {
      parent.children.remove(this);
    }
    parent = newParent;
    parentThread = thread;
    if (newParent != null) {
      newParent.children.add(this);
    }
  }

  Set<ThreadGroup> children() {
    return children;
  }

  /** The numbers of the children in a namespace. */
  public int[] childNumbers(PidNamespace namespace) {
    synchronized (tasks) {
      return children.stream().mapToInt(namespace::number).toArray();
    }
  }

  public ProcessGroup processGroup() {
    synchronized (tasks) {
      ProcessGroup present = processGroup;
      if (present == null) {
        throw new IllegalStateException("process " + tgid + " was reaped");
      }
      return present;
    }
  }

  @Nullable ProcessGroup processGroupOrNull() {
    return processGroup;
  }

  void setProcessGroup(ProcessGroup group) {
    processGroup = group;
  }

  public Session session() {
    return processGroup().session();
  }

  public Rlimits limits() {
    return limits;
  }

  /** Sets a limit, also where it is enforced. */
  public void setLimit(int resource, long soft, long hard) {
    limits.set(resource, soft, hard);
    if (resource == Rlimits.NOFILE) {
      for (Task task : threads()) {
        task.files().setLimit(soft);
      }
    } else if (resource == Rlimits.CPU) {
      CpuLimit.watch(this);
    } else if (resource == Rlimits.STACK) {
      limitStack();
    }
  }

  /** Tells the host, which makes the stack grow, of the limit. */
  public void limitStack() {
    Task task = anyThread();
    if (task != null && task.hasThread()) {
      task.thread().limitStack(limits.soft(Rlimits.STACK));
    }
  }

  /** Whether somebody has taken its status, so that nothing is left of it. */
  boolean isReaped() {
    synchronized (tasks) {
      return reaped;
    }
  }

  /** The terminal that /dev/tty is to this process; null if it has none. */
  public @Nullable ControllingTerminal controllingTerminal() {
    return withoutTerminal ? null : session().terminal();
  }

  /** Leaves the controlling terminal to the rest of the session. */
  public void giveUpTerminal() {
    withoutTerminal = true;
  }

  /** Has the controlling terminal of its session, again. */
  public void takeTerminal() {
    withoutTerminal = false;
  }

  /** Whether orphans among the descendants come here (PR_SET_CHILD_SUBREAPER). */
  public boolean isSubreaper() {
    synchronized (tasks) {
      return subreaper;
    }
  }

  public void setSubreaper(boolean reaps) {
    synchronized (tasks) {
      subreaper = reaps;
    }
  }

  public OomScoreAdjustment oomScoreAdjustment() {
    return oomScoreAdjustment;
  }

  public void setOomScoreAdjustment(OomScoreAdjustment changed) {
    oomScoreAdjustment = changed;
  }

  public SignalHandlers handlers() {
    synchronized (tasks) {
      return handlers;
    }
  }

  /** Whether this is process 1 of its PID namespace. */
  public boolean isInit() {
    return init;
  }

  /** The PID namespace of its tasks. */
  public PidNamespace pidNamespace() {
    return pids;
  }

  public boolean isZombie() {
    synchronized (tasks) {
      return zombie;
    }
  }

  /** Whether all tasks are about to end. */
  public boolean isExiting() {
    synchronized (tasks) {
      return exiting;
    }
  }

  /** Whether all tasks have stopped (job control). */
  public boolean isStopped() {
    synchronized (tasks) {
      return stopped;
    }
  }

  /** Whether the process ended because the host killed it. */
  public boolean isKilledByHost() {
    synchronized (tasks) {
      return killedByHost;
    }
  }

  /** The wait status (wait(2)) of a process that has ended. */
  public int exitCode() {
    synchronized (tasks) {
      return exitCode;
    }
  }

  /** Nanoseconds from the sandbox's start to the process's. */
  public long startTime() {
    return startTime;
  }

  /** Told (POLLIN) when a child changes its state. */
  public WaitQueue childQueue() {
    return childQueue;
  }

  /** Told (POLLIN) when the process ends, for pidfds. */
  public WaitQueue exitQueue() {
    return exitQueue;
  }

  /** Sends a signal to the process on the kernel's own behalf. */
  public void signal(SigInfo info) {
    synchronized (tasks) {
      Signals.send(this, info);
    }
  }

  /**
   * As {@link #signal(SigInfo)}.
   *
   * @param first who takes the signal, if it does not block it
   */
  public void signal(SigInfo info, Task first) {
    synchronized (tasks) {
      Signals.send(this, first, info, true, false);
    }
  }

  /** Where the process's timers are, once it has some. */
  public @Nullable ProcessTimers timers() {
    return timers;
  }

  /** Sets the timers unless there are some; returns those that then are there. */
  public ProcessTimers timersOr(ProcessTimers fresh) {
    synchronized (tasks) {
      ProcessTimers present = timers;
      if (present == null) {
        timers = fresh;
        return fresh;
      }
      return present;
    }
  }

  /** What the process has used so far, its ended threads included. */
  public Usage usage() {
    synchronized (tasks) {
      if (zombie || exiting) {
        return usage;
      }
    }
    return measure();
  }

  /** What all threads, and the children that were waited for, have read and written. */
  public IoCounters io() {
    return io;
  }

  /** What the children that were waited for have used. */
  public Usage childrenUsage() {
    synchronized (tasks) {
      return childrenUsage;
    }
  }

  private Usage measure() {
    Task first = leader();
    if (!first.hasThread()) {
      return Usage.NONE;
    }
    int hostPid = first.thread().hostTid();
    return Usage.ofTime(kernel.clock(), hostPid).withMemory(hostPid);
  }

  /** What the process used, at its end. For one that did next to nothing the host is not asked. */
  Usage measureAtEnd() {
    Task first = leader();
    if (!first.hasThread()) {
      return Usage.NONE;
    }
    int hostPid = first.thread().hostTid();
    Usage time = Usage.ofTime(kernel.clock(), hostPid);
    return executed || time.cpu() > LITTLE ? time.withMemory(hostPid) : time;
  }

  void setUsage(Usage used) {
    usage = used;
  }

  void addChildUsage(ThreadGroup child) {
    childrenUsage = childrenUsage.plus(child.usage).plus(child.childrenUsage);
    io.add(child.io.counts());
  }
}
