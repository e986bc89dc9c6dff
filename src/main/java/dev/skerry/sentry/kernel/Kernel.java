package dev.skerry.sentry.kernel;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.vfs.VirtualFileSystem;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** One sandbox's kernel: all that its tasks share. Thread-safe. */
public final class Kernel {
  private final RunQueue runQueue = new RunQueue();
  private final Timeouts timeouts = new Timeouts(runQueue);
  private final TaskSet tasks = new TaskSet();
  private final PidNamespace pids = new PidNamespace(tasks);
  private final VirtualFileSystem vfs;
  private final UtsNamespace uts;
  private final Clock clock;
  private final long startedAt;
  private final SystemUsage usage = new SystemUsage(this);
  private volatile long memoryBytes = 2L << 30;
  private volatile int processors = Runtime.getRuntime().availableProcessors();
  private volatile SyscallDispatcher dispatcher = (task, number, args) -> -Errno.ENOSYS;
  private volatile FutexWaker futexes = (task, address, count) -> {};
  private volatile IpcListing ipcListing = (reader, kind) -> "";
  private volatile CoreDumper coreDumper = (task, others, reason) -> false;
  private volatile RobustLists robustLists = task -> {};
  private final List<Consumer<ThreadGroup>> processExit = new CopyOnWriteArrayList<>();
  private volatile IntConsumer initExit = status -> {};
  private volatile Consumer<String> fatal =
      why -> {
        throw new IllegalStateException(why);
      };

  // Guarded by TaskSet.
  private @Nullable ThreadGroup init;
  private boolean initExitTold;

  public Kernel(VirtualFileSystem vfs, UtsNamespace uts, Clock clock) {
    this.vfs = vfs;
    this.uts = uts;
    this.clock = clock;
    this.startedAt = clock.monotonic();
  }

  /** Starts the kernel's own threads. */
  public void start() {
    timeouts.start();
  }

  public RunQueue runQueue() {
    return runQueue;
  }

  public Timeouts timeouts() {
    return timeouts;
  }

  public TaskSet tasks() {
    return tasks;
  }

  public VirtualFileSystem vfs() {
    return vfs;
  }

  /** The first PID namespace. */
  public PidNamespace pids() {
    return pids;
  }

  public UtsNamespace uts() {
    return uts;
  }

  public Clock clock() {
    return clock;
  }

  /** The bytes of memory that the sandbox may use, as its programs are told. */
  public long memoryBytes() {
    return memoryBytes;
  }

  public void setMemoryBytes(long bytes) {
    memoryBytes = bytes;
  }

  /** What all processes together use now. */
  public SystemUsage usage() {
    return usage;
  }

  /** The processors that the sandbox may use. */
  public int processors() {
    return processors;
  }

  public void setProcessors(int count) {
    processors = count;
  }

  /** Nanoseconds since the sandbox's start. */
  public long uptime() {
    return clock.monotonic() - startedAt;
  }

  /** The same, as it is told in a time namespace. */
  public long uptime(TimeNamespace reader) {
    return Math.max(0, uptime() + reader.boottime());
  }

  public SyscallDispatcher dispatcher() {
    return dispatcher;
  }

  public void setDispatcher(SyscallDispatcher syscallDispatcher) {
    dispatcher = syscallDispatcher;
  }

  FutexWaker futexes() {
    return futexes;
  }

  /** Who lists System V objects. */
  public IpcListing ipcListing() {
    return ipcListing;
  }

  public void setIpcListing(IpcListing listing) {
    ipcListing = listing;
  }

  CoreDumper coreDumper() {
    return coreDumper;
  }

  /** Connects who writes core files. */
  public void setCoreDumper(CoreDumper dumper) {
    coreDumper = dumper;
  }

  RobustLists robustLists() {
    return robustLists;
  }

  /** Connects the futexes, which the end of a thread needs. */
  public void setFutexes(FutexWaker waker, RobustLists lists) {
    futexes = waker;
    robustLists = lists;
  }

  /** Adds who is told, without locks, that a process has ended, right before its parent is. */
  public void onProcessExit(Consumer<ThreadGroup> listener) {
    processExit.add(listener);
  }

  void processExited(ThreadGroup group) {
    for (Consumer<ThreadGroup> listener : processExit) {
      listener.accept(group);
    }
  }

  /** Sets who is told, once and without locks, when init and then all else has ended. */
  public void onInitExit(IntConsumer listener) {
    initExit = listener;
  }

  /** Sets who ends the sandbox after an error of the sentry's own. */
  public void onFatal(Consumer<String> listener) {
    fatal = listener;
  }

  /** Ends the sandbox: the sentry itself has failed. */
  public void fatal(String why) {
    fatal.accept(why);
  }

  /**
   * Makes the first task, process 1, with a session of its own.
   *
   * @param parts what it starts with
   */
  public Task createInit(TaskParts parts, Rlimits limits) {
    synchronized (tasks) {
      if (init != null) {
        throw new IllegalStateException("there is an init already");
      }
      Task task = new Task(this, tasks.allocate(pids, new int[0]), pids, parts);
      ThreadGroup group = new ThreadGroup(task, new SignalHandlers(), limits, 0);
      pids.setInit(group);
      pids.processBegins();
      task.setGroup(group);
      group.liveThreads().add(task);
      tasks.add(task);
      tasks.move(group, tasks.newProcessGroup(task.tid(), tasks.newSession(task.tid())));
      init = group;
      return task;
    }
  }

  /** Process 1. */
  public ThreadGroup init() {
    synchronized (tasks) {
      ThreadGroup present = init;
      if (present == null) {
        throw new IllegalStateException("there is no init yet");
      }
      return present;
    }
  }

  /**
   * Sends a signal from outside the sandbox, as if from an ancestor PID namespace: SIGKILL and
   * SIGSTOP always work, also on init.
   *
   * @return zero or -ESRCH
   */
  public long signalFromOutside(int tgid, int signal) {
    long result = Signals.fromOutside(this, tgid, signal);
    runQueue.drain();
    return result;
  }

  /** Kills every process, init last. */
  public void killAll() {
    synchronized (tasks) {
      List<ThreadGroup> all = tasks.groups();
      for (ThreadGroup group : all.reversed()) {
        Exit.killNow(group);
      }
    }
    runQueue.drain();
  }

  /** Tells the listener once init and everything else has ended. Called without locks. */
  void reportIfEnded() {
    int status;
    synchronized (tasks) {
      if (initExitTold || init == null || !init.zombie || tasks.liveCount() > 0) {
        return;
      }
      initExitTold = true;
      status = init.exitCode;
    }
    initExit.accept(status);
  }
}
