package dev.skerry.sentry.kernel;

import dev.skerry.abi.Signal;
import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.auth.UserNamespace;
import dev.skerry.sentry.mm.MemoryManager;
import dev.skerry.sentry.platform.GuestThread;
import dev.skerry.sentry.platform.HostCall;
import dev.skerry.sentry.platform.Program;
import dev.skerry.sentry.seccomp.CallFilter;
import dev.skerry.sentry.usermem.UserMemory;
import dev.skerry.sentry.vfs.MountNamespace;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A thread, as the guest knows it. Linux: struct task_struct.
 *
 * <p>A task is in the sentry (an entry is being served, or waits) or runs guest code. Whoever sends
 * it a signal notes the fact under {@link TaskSet} and then, if the task waits, interrupts the
 * wait, else pokes the thread. A poke may come while an entry is served: the host holds it back
 * until the entry was answered, and the thread looks up before its next instruction. It may come
 * before a call has reached the sentry: then the host makes the call again afterwards, and the
 * look-up finds the registers as if the call had not begun. It may come too late, when the signal
 * was delivered with an event that was under way: then the look-up finds nothing to do. So a
 * restart is decided only when the registers show that very call's return.
 */
public final class Task implements Program {
  private final Kernel kernel;
  private final TaskSet tasks;
  private final PidNamespace pids;
  private final long startTime;
  private volatile int tid;
  private volatile @Nullable ThreadGroup group;
  private volatile FdTable files;
  private volatile FsContext fs;
  private volatile NsProxy namespaces;
  private volatile MemoryManager mm;
  private volatile Credentials credentials;
  private volatile String comm;
  private volatile @Nullable GuestThread thread;
  private final Entry entry = new Entry(this);
  private final IoCounters io = new IoCounters();

  /** Whether there may be something to do before guest code runs again (TIF_SIGPENDING). */
  volatile boolean attention;

  /** Written with TaskSet held. */
  private volatile @Nullable Trace trace;

  // Guarded by TaskSet.
  final Set<Task> tracees = new LinkedHashSet<>(0);

  /** It executes a program, with rights that are decided already. */
  boolean executing;

  /** It has ended, and its id stays until its tracer has been told. */
  boolean unreaped;

  final SignalState signals = new SignalState();
  boolean dead;

  /** What is known of its end before that has come. */
  final Ending ending = new Ending();

  int exitCode;
  int parentDeathSignal;
  private @Nullable Wait wait;
  @Nullable VforkWait vforkChildOf;
  boolean inVfork;

  // Used by the task's own entries alone.
  private @Nullable Runnable afterExec;
  private @Nullable Runnable held;
  long childSetTid;

  private volatile long clearChildTid;
  private volatile long robustList;
  private volatile boolean dumpable = true;
  private volatile @Nullable CallFilter callFilter;
  private volatile TaskSettings settings = TaskSettings.DEFAULT;

  Task(Kernel kernel, int tid, PidNamespace pids, TaskParts parts) {
    this.pids = pids;
    this.kernel = kernel;
    this.tasks = kernel.tasks();
    this.tid = tid;
    this.files = parts.files();
    this.fs = parts.fs();
    this.namespaces = parts.namespaces();
    this.mm = parts.mm();
    this.credentials = parts.credentials();
    this.comm = parts.comm();
    this.startTime = kernel.uptime();
  }

  /**
   * The task whose call, or whose attempt in a {@link Wait}, the present thread serves; null when
   * it serves none. For files that behave by who uses them: terminals, signalfds, broken pipes.
   */
  public static @Nullable Task current() {
    return CurrentTask.get();
  }

  static void setCurrent(@Nullable Task task) {
    CurrentTask.set(task);
  }

  public Kernel kernel() {
    return kernel;
  }

  public int tid() {
    return tid;
  }

  /** The namespace whose numbers the task knows, for itself and for others. */
  public PidNamespace pidNamespace() {
    return pids;
  }

  void setTid(int newTid) {
    tid = newTid;
  }

  public ThreadGroup group() {
    ThreadGroup present = group;
    if (present == null) {
      throw new IllegalStateException("task " + tid + " is still being made");
    }
    return present;
  }

  void setGroup(ThreadGroup threadGroup) {
    group = threadGroup;
  }

  /** Whether the task's id is its process's. */
  public boolean isLeader() {
    return tid == group().tgid();
  }

  /** Whether the task has ended, or is about to because its process was killed. */
  public boolean isDead() {
    synchronized (tasks) {
      return dead;
    }
  }

  public FdTable files() {
    return files;
  }

  public void setFiles(FdTable table) {
    files = table;
  }

  public FsContext fs() {
    return fs;
  }

  public void setFs(FsContext context) {
    fs = context;
  }

  public MountNamespace mountNamespace() {
    return namespaces.mounts();
  }

  public MemoryManager mm() {
    return mm;
  }

  void setMm(MemoryManager manager) {
    mm = manager;
  }

  public Credentials credentials() {
    return credentials;
  }

  /** Sets the credentials; a reference to another user namespace than before becomes the task's. */
  public void setCredentials(Credentials changed) {
    UserNamespace before = credentials.userNamespace();
    credentials = changed;
    if (changed.userNamespace() != before) {
      before.release();
    }
  }

  /** All namespaces but the user's; they stay known after the task's end. */
  public NsProxy namespaces() {
    return namespaces;
  }

  /** Goes where its time namespace is, with a new program. */
  void enterTime() {
    namespaces = namespaces.inTime();
  }

  /** Its clocks have become others, in the present call. */
  public void clocksChange() {
    entry.clocksChange();
  }

  /** Moves the task to other namespaces, whose reference becomes the task's. */
  public void setNamespaces(NsProxy changed) {
    NsProxy before = namespaces;
    namespaces = changed;
    before.leave();
  }

  /** Gives up what the task shares with others: it has ended, or was never made. */
  void leaveParts() {
    files.leave();
    fs.leave();
    setCallFilter(null);
    namespaces.leave();
    credentials.userNamespace().release();
  }

  /** What the thread has read and written. */
  public IoCounters io() {
    return io;
  }

  /** The short name that ps(1) shows. */
  public String comm() {
    return comm;
  }

  public void setComm(String name) {
    comm = name.length() > 15 ? name.substring(0, 15) : name;
  }

  /** Nanoseconds from the sandbox's start to the task's. */
  public long startTime() {
    return startTime;
  }

  /** The platform's thread. There is one as soon as an entry has come. */
  public GuestThread thread() {
    GuestThread present = thread;
    if (present == null) {
      throw new IllegalStateException("task " + tid + " has no thread yet");
    }
    return present;
  }

  /** Whether {@link #thread} can be asked for. */
  public boolean hasThread() {
    return thread != null;
  }

  /** Connects the task with its thread; the first thing after it was made. */
  public void setThread(GuestThread guestThread) {
    thread = guestThread;
  }

  public UserMemory memory() {
    return thread().memory();
  }

  /** Where to write zero when the thread ends (set_tid_address(2)); 0 for nowhere. */
  public long clearChildTid() {
    return clearChildTid;
  }

  public void setClearChildTid(long address) {
    clearChildTid = address;
  }

  /** The head of the list of robust futexes; 0 for none. */
  public long robustList() {
    return robustList;
  }

  public void setRobustList(long address) {
    robustList = address;
  }

  /** What prctl(2), personality(2) and the scheduling calls set. */
  public TaskSettings settings() {
    return settings;
  }

  public void setSettings(TaskSettings changed) {
    settings = changed;
  }

  /** Has it scheduled otherwise from now on. */
  public void setScheduling(Scheduling changed) {
    settings = settings.withScheduling(changed);
  }

  /** What stands between the task and its calls (seccomp(2)); null for nothing. */
  public @Nullable CallFilter callFilter() {
    return callFilter;
  }

  /** Uses another filter, which the caller uses, too. */
  public void setCallFilter(@Nullable CallFilter filter) {
    CallFilter before;
    synchronized (tasks) {
      if (filter != null) {
        filter.acquire();
      }
      before = callFilter;
      callFilter = filter;
    }
    if (before != null) {
      before.release();
    }
  }

  /** Where the present call returns to. */
  public long callAddress() {
    return entry.callAddress();
  }

  /** Whether others of the same user may look into the process (prctl(2), PR_SET_DUMPABLE). */
  public boolean isDumpable() {
    return dumpable;
  }

  public void setDumpable(boolean allowed) {
    dumpable = allowed;
  }

  /** The signal that the task gets when its parent ends; 0 for none. */
  public int parentDeathSignal() {
    synchronized (tasks) {
      return parentDeathSignal;
    }
  }

  public void setParentDeathSignal(int signal) {
    synchronized (tasks) {
      parentDeathSignal = signal;
    }
  }

  /**
   * Sends the task a signal that a call of its own has earned, as if it were from itself: SIGPIPE.
   */
  public void signalSelf(int signal) {
    signal(Signals.from(this, this, signal, Signal.SI_USER));
  }

  /** Sends the task a signal on the kernel's own behalf. */
  public void signal(SigInfo info) {
    synchronized (tasks) {
      Signals.send(this, info);
    }
  }

  /** Sends the task a signal that it can neither block nor ignore. */
  public void forceSignal(SigInfo info) {
    synchronized (tasks) {
      Signals.force(this, info);
    }
  }

  /** Whether a wait would be interrupted at once. */
  public boolean isInterrupted() {
    return attention;
  }

  /**
   * Sets the mask until the present call returns (ppoll(2), pselect(2), epoll_pwait(2)); if a
   * signal interrupts the call, until its handler returns.
   */
  public void useMask(long mask) {
    synchronized (tasks) {
      signals.useMask(mask);
      Signals.recalculate(this);
    }
  }

  /**
   * Takes a pending signal of the set for signalfd(2) and sigtimedwait(2); null if there is none.
   */
  public @Nullable SigInfo takeSignal(long set) {
    synchronized (tasks) {
      SigInfo info = Signals.take(this, set);
      Signals.recalculate(this);
      return info;
    }
  }

  void setWait(Wait parked) {
    boolean interrupt;
    synchronized (tasks) {
      wait = parked;
      interrupt = attention || dead;
    }
    if (interrupt) {
      parked.interrupt();
    }
  }

  void clearWait(Wait done) {
    synchronized (tasks) {
      if (wait == done) {
        wait = null;
      }
    }
  }

  /** Makes the task come by, whatever it is doing. Guarded by TaskSet. */
  void wake() {
    attention = true;
    Wait present = wait;
    if (present != null) {
      present.interrupt();
    } else if (thread != null && !isServedInEvent() && !isTraceStopped()) {
      thread().poke();
    }
  }

  private boolean isTraceStopped() {
    Trace present = trace;
    return present != null && present.stop != null;
  }

  /** Whether the present thread serves an event of the task's, whose end looks at everything. */
  private boolean isServedInEvent() {
    return current() == this && thread().inEvent();
  }

  /** Whether a deadly signal ends what it waits for, if it waits. Guarded by TaskSet. */
  boolean mayBeInterrupted() {
    return wait == null || wait.isInterruptible();
  }

  /** The wait of a task that has died, to be abandoned. */
  @Nullable Wait takeWait() {
    synchronized (tasks) {
      Wait present = wait;
      wait = null;
      return present;
    }
  }

  /** How the task is traced; null if it is not. */
  @Nullable Trace trace() {
    return trace;
  }

  void setTrace(@Nullable Trace by) {
    trace = by;
  }

  /** Whether the task waits in a system call; for /proc. */
  public boolean isWaiting() {
    synchronized (tasks) {
      return wait != null || inVfork;
    }
  }

  void setInVfork(boolean waiting) {
    synchronized (tasks) {
      inVfork = waiting;
    }
  }

  /** The letter that stands for the task's state in /proc/PID/stat: R, S, D, T, t or Z. */
  public char state() {
    synchronized (tasks) {
      if (dead) {
        return 'Z';
      }
      if (isTraceStopped()) {
        return 't';
      }
      if (signals.stopped) {
        return 'T';
      }
      return inVfork ? 'D' : wait != null ? 'S' : 'R';
    }
  }

  /** The task's present entry. */
  Entry entry() {
    return entry;
  }

  @Override
  public void systemCall(int number, long[] arguments, long instructionPointer) {
    entry.systemCall(number, arguments, instructionPointer);
  }

  /** The number of the system call that is being served, or was last. */
  public int callNumber() {
    return entry.callNumber();
  }

  /** As {@link Entry#presentCall}; nothing while the task runs guest code. */
  public long[] presentCall() {
    synchronized (tasks) {
      return wait == null && current() != this ? new long[0] : entry.presentCall();
    }
  }

  /**
   * Ends the present system call with its result, one of {@link Results} or as the guest sees it.
   */
  public void answer(long result) {
    entry.answer(result);
  }

  /** As {@link Entry#answerByHost}. */
  public void answerByHost(HostCall call, Runnable release) {
    entry.answerByHost(call, release);
  }

  /** How restart_syscall(2) goes on with the call that now returns ERESTART_RESTARTBLOCK. */
  public void setRestart(Restartable continuation) {
    entry.setRestart(continuation);
  }

  /** Goes on with an interrupted call; -EINTR if there is none. */
  public long restart() {
    return entry.restart();
  }

  @Override
  public void lookUp() {
    entry.lookUp();
  }

  @Override
  public void fault(int signal, int code, long address) {
    entry.fault(signal, code, address);
  }

  @Override
  public void frameLost() {
    entry.frameLost();
  }

  @Override
  public void started() {
    if (isDead()) {
      thread().killProcess();
      return;
    }
    if (childSetTid != 0) {
      memory().storeInt(childSetTid, pids.number(tid));
    }
    VdsoClock.settle(this, () -> Delivery.leave(this, 0));
  }

  /** Sets what runs when {@link GuestThread#execute} is done: the loader's second half. */
  void setAfterExec(Runnable loader) {
    afterExec = loader;
  }

  synchronized void setRelease(Runnable release) {
    held = release;
  }

  /** Gives back what a loader or a host call holds for this task, if there is one at work. */
  void release() {
    Runnable release;
    synchronized (this) {
      release = held;
      held = null;
    }
    if (release != null) {
      release.run();
    }
  }

  @Override
  public void executed() {
    Runnable loader = afterExec;
    if (loader == null) {
      throw new IllegalStateException("execution without a loader");
    }
    afterExec = null;
    loader.run();
  }

  /** Begins with the new program, whose start the registers of the event are. */
  public void beginProgram() {
    Trace present = trace;
    Tracee.executed(this, present == null ? 0 : present.formerTid);
  }

  @Override
  public void gone() {
    Exit.killedByHost(group());
  }
}
