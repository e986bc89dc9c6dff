package dev.skerry.sentry.kernel;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Signal;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Capability;
import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.platform.CloneRequest;
import dev.skerry.sentry.slab.Slab;
import dev.skerry.sentry.usermem.UserMemory;
import org.jspecify.annotations.Nullable;

/** Makes threads and processes (clone(2)). Linux: copy_process() of kernel/fork.c. */
public final class Cloning {
  /** The bits of the flags that hold the exit signal. */
  public static final long CSIGNAL = 0xff;

  public static final long CLONE_VM = 0x100;
  public static final long CLONE_FS = 0x200;
  public static final long CLONE_FILES = 0x400;
  public static final long CLONE_SIGHAND = 0x800;
  public static final long CLONE_PIDFD = 0x1000;
  public static final long CLONE_PTRACE = 0x2000;
  public static final long CLONE_VFORK = 0x4000;
  public static final long CLONE_PARENT = 0x8000;
  public static final long CLONE_THREAD = 0x10000;
  public static final long CLONE_NEWNS = 0x20000;
  public static final long CLONE_DETACHED = 0x400000;
  public static final long CLONE_SETTLS = 0x80000;
  public static final long CLONE_PARENT_SETTID = 0x100000;
  public static final long CLONE_CHILD_CLEARTID = 0x200000;
  public static final long CLONE_UNTRACED = 0x800000;
  public static final long CLONE_CHILD_SETTID = 0x1000000;
  public static final long CLONE_NEWUSER = 0x10000000;
  public static final long CLONE_NEWPID = 0x20000000;

  public static final long CLONE_SYSVSEM = 0x40000;
  public static final long CLONE_NEWIPC = 0x800_0000;
  public static final long CLONE_CLEAR_SIGHAND = 1L << 32;

  /** NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET. */
  public static final long NAMESPACES = 0x7e020000L;

  private final Task parent;
  private final long flags;
  private final long parentTid;
  private final long pidFdAddress;
  private final int[] numbers;
  private @Nullable VforkWait vforkWait;
  private long pidFd = -1;

  private Cloning(Task parent, long flags, long parentTid, long pidFdAddress, int[] numbers) {
    this.parent = parent;
    this.flags = flags;
    this.parentTid = parentTid;
    this.pidFdAddress = pidFdAddress;
    this.numbers = numbers;
  }

  private boolean has(long flag) {
    return (flags & flag) != 0;
  }

  /**
   * Makes a child, during an event of the parent's.
   *
   * @param flags with the exit signal in the low byte
   * @param stack the child's stack pointer, or 0 for the parent's
   * @param parentTid where CLONE_PARENT_SETTID writes
   * @param pidFdAddress where CLONE_PIDFD writes
   * @param childTid where CLONE_CHILD_SETTID and CLONE_CHILD_CLEARTID write
   * @param numbers that the child is to have, from its PID namespace upwards
   * @return {@link Results#PARKED}, a restart code or an error
   */
  public static long clone(
      Task parent,
      long flags,
      long stack,
      long parentTid,
      long pidFdAddress,
      long childTid,
      long tls,
      int... numbers) {
    Cloning cloning = new Cloning(parent, flags, parentTid, pidFdAddress, numbers);
    long wrong = cloning.validate();
    if (wrong != 0) {
      return wrong;
    }
    try {
      return cloning.begin(stack, childTid, tls);
    } catch (ErrnoException e) {
      return e.result();
    }
  }

  private long validate() {
    boolean thread = has(CLONE_THREAD);
    if ((has(CLONE_NEWNS) || has(CLONE_NEWUSER)) && has(CLONE_FS)) {
      return -Errno.EINVAL;
    }
    if ((thread && !has(CLONE_SIGHAND)) || (has(CLONE_SIGHAND) && !has(CLONE_VM))) {
      return -Errno.EINVAL;
    }
    if (has(CLONE_PARENT) && !thread && parent.group().isInit()) {
      return -Errno.EINVAL;
    }
    if (thread && (has(CLONE_NEWUSER) || has(CLONE_NEWPID))) {
      return -Errno.EINVAL;
    }
    boolean samePlace = has(CLONE_PARENT_SETTID) && parentTid == pidFdAddress;
    if (has(CLONE_PIDFD) && (has(CLONE_DETACHED) || samePlace)) {
      return -Errno.EINVAL;
    }
    if (has(CLONE_NEWIPC) && has(CLONE_SYSVSEM)) {
      return -Errno.EINVAL;
    }
    PidNamespace forChildren = parent.namespaces().pidForChildren();
    if (thread && forChildren != parent.pidNamespace()) {
      return -Errno.EINVAL;
    }
    return 0;
  }

  private TaskParts parts() throws ErrnoException {
    Credentials credentials = Unsharing.credentials(parent, flags);
    FsContext fs = has(CLONE_FS) ? parent.fs().share() : parent.fs().fork();
    NsProxy namespaces;
    try {
      namespaces = Unsharing.namespaces(parent, flags, credentials, fs);
    } catch (ErrnoException e) {
      fs.leave();
      credentials.userNamespace().release();
      throw e;
    }
    if (!has(CLONE_VM)) {
      namespaces = namespaces.inTime();
    }
    return new TaskParts(
        has(CLONE_FILES) ? parent.files().share() : parent.files().fork(),
        fs,
        namespaces,
        has(CLONE_VM) ? parent.mm() : parent.mm().fork(),
        credentials,
        parent.comm());
  }

  private long begin(long stack, long childTid, long tls) throws ErrnoException {
    if (Slab.isFull()) {
      return -Errno.ENOMEM;
    }
    if (!has(CLONE_FILES)) {
      parent.files().checkCopy();
    }
    if (has(CLONE_SETTLS) && Long.compareUnsigned(tls, UserMemory.END) >= 0) {
      return -Errno.EPERM;
    }
    TaskSet tasks = parent.kernel().tasks();
    TaskParts parts = parts();
    Task child;
    long refused;
    synchronized (tasks) {
      refused = refusal(tasks, parts.namespaces().pidForChildren());
      child = refused == 0 ? make(tasks, parts, childTid) : null;
    }
    if (child == null) {
      parts.leave();
      return refused;
    }
    if (has(CLONE_PARENT_SETTID) && has(CLONE_VM)) {
      parent.memory().storeInt(parentTid, parent.pidNamespace().number(child));
    }
    if (has(CLONE_PIDFD)) {
      long fd = installPidFile(child);
      if (fd < 0) {
        undo(child);
        return fd;
      }
    }
    parent
        .thread()
        .cloneThread(
            new CloneRequest(flags, stack, tls, answerAtOnce(child)),
            guest -> {
              child.setThread(guest);
              return child;
            },
            result -> cloned(child, result));
    return Results.PARKED;
  }

  /** What the call returns if nothing is left to do when the host has made the child; else 0. */
  private long answerAtOnce(Task child) {
    boolean idAfterwards = has(CLONE_PARENT_SETTID) && !has(CLONE_VM);
    boolean told = parent.trace() != null && !has(CLONE_UNTRACED);
    return vforkWait != null || idAfterwards || told ? 0 : parent.pidNamespace().number(child);
  }

  private long refusal(TaskSet tasks, PidNamespace pids) {
    if (parent.dead) {
      return Results.PARKED;
    }
    if (parent.attention) {
      return Results.ERESTARTNOINTR;
    }
    if (pids.isDying()) {
      return -Errno.ENOMEM;
    }
    if (tasks.isFull() || exceedsUserLimit(tasks) || !parent.settings().scheduling().mayFork()) {
      return -Errno.EAGAIN;
    }
    return pids.checkNumbers(numbers, parent.credentials());
  }

  private boolean exceedsUserLimit(TaskSet tasks) {
    long limit = parent.group().limits().soft(Rlimits.NPROC);
    int uid = parent.credentials().uid();
    if (limit == Rlimits.INFINITY
        || uid == 0
        || parent.credentials().hasCapability(Capability.SYS_RESOURCE)
        || parent.credentials().hasCapability(Capability.SYS_ADMIN)) {
      return false;
    }
    return Long.compareUnsigned(tasks.countOf(uid), limit) >= 0;
  }

  private Task make(TaskSet tasks, TaskParts parts, long childTid) {
    PidNamespace pids = parts.namespaces().pidForChildren();
    Task child = new Task(parent.kernel(), tasks.allocate(pids, numbers), pids, parts);
    ThreadGroup group = parent.group();
    if (has(CLONE_THREAD)) {
      child.setGroup(group);
    } else {
      child.setGroup(makeGroup(tasks, child));
    }
    child.group().liveThreads().add(child);
    child.signals.mask = parent.signals.mask;
    if ((flags & (CLONE_VM | CLONE_VFORK)) != CLONE_VM) {
      child.signals.alternateStack = parent.signals.alternateStack;
    }
    child.setSettings(parent.settings().forChild());
    child.setCallFilter(parent.callFilter());
    child.setDumpable(parent.isDumpable());
    child.childSetTid = has(CLONE_CHILD_SETTID) ? childTid : 0;
    child.setClearChildTid(has(CLONE_CHILD_CLEARTID) ? childTid : 0);
    if (has(CLONE_VFORK)) {
      vforkWait = new VforkWait(parent, parent.pidNamespace().number(child));
      child.vforkChildOf = vforkWait;
      parent.inVfork = true;
    }
    tasks.add(child);
    inheritTracer(child);
    return child;
  }

  /** The event that a tracer of the parent's may want to see (kernel_clone()). */
  private int traceEvent() {
    if (has(CLONE_VFORK)) {
      return Trace.EVENT_VFORK;
    }
    boolean fork = (flags & CSIGNAL) == Signal.SIGCHLD && !has(CLONE_THREAD);
    return fork ? Trace.EVENT_FORK : Trace.EVENT_CLONE;
  }

  private void inheritTracer(Task child) {
    Trace trace = parent.trace();
    if (trace == null || has(CLONE_UNTRACED)) {
      return;
    }
    if (trace.wants(traceEvent()) || has(CLONE_PTRACE)) {
      Trace inherited = new Trace(trace.tracer, trace.seized, trace.options);
      Tracing.link(child, inherited);
      if (trace.seized) {
        inherited.trapPending = true;
      } else {
        child.signals.pending.add(SigInfo.user(Signal.SIGSTOP, Signal.SI_USER, 0, 0));
      }
      child.attention = true;
    }
  }

  private ThreadGroup makeGroup(TaskSet tasks, Task child) {
    ThreadGroup own = parent.group();
    SignalHandlers handlers = has(CLONE_SIGHAND) ? own.handlers : own.handlers.copy();
    if (has(CLONE_CLEAR_SIGHAND)) {
      handlers = own.handlers.copyForExec();
    }
    int exitSignal = has(CLONE_PARENT) ? own.exitSignal : (int) (flags & CSIGNAL);
    ThreadGroup group =
        new ThreadGroup(
            child, handlers, own.limits().copy(), Signal.isValid(exitSignal) ? exitSignal : 0);
    CpuLimit.watch(group);
    group.pidNamespace().processBegins();
    if (group.isInit()) {
      group.pidNamespace().setInit(group);
    }
    group.withoutTerminal = own.withoutTerminal;
    group.setOomScoreAdjustment(own.oomScoreAdjustment());
    if (has(CLONE_PARENT)) {
      group.setParent(own.parent(), own.parentThread());
    } else {
      group.setParent(own, parent);
    }
    if (has(CLONE_VM) && !has(CLONE_VFORK)) {
      group.sharesMemory = true;
      own.sharesMemory = true;
    }
    tasks.move(group, own.processGroup());
    return group;
  }

  private long installPidFile(Task child) {
    int kind = has(CLONE_THREAD) ? PidFile.THREAD : 0;
    pidFd = parent.files().install(new PidFile(child, kind), true, 0);
    if (pidFd >= 0 && parent.memory().storeInt(pidFdAddress, (int) pidFd) < 0) {
      parent.files().close((int) pidFd);
      return -Errno.EFAULT;
    }
    return pidFd;
  }

  private void cloned(Task child, long result) {
    if (result < 0) {
      if (pidFd >= 0) {
        parent.files().close((int) pidFd);
      }
      undo(child);
      parent.answer(-Errno.EAGAIN);
      return;
    }
    if (has(CLONE_PARENT_SETTID) && !has(CLONE_VM)) {
      parent.memory().storeInt(parentTid, parent.pidNamespace().number(child));
    }
    VforkWait waiting = vforkWait;
    Runnable next =
        waiting != null
            ? waiting::cloned
            : () -> parent.answer(parent.pidNamespace().number(child));
    if (has(CLONE_UNTRACED)) {
      next.run();
    } else {
      Tracee.child(parent, traceEvent(), child.tid(), next);
    }
  }

  private void undo(Task child) {
    TaskSet tasks = parent.kernel().tasks();
    synchronized (tasks) {
      parent.inVfork = false;
      child.vforkChildOf = null;
      Tracing.forget(child);
      if (child.dead) {
        // Killed meanwhile, and cleaned up after as if it had lived.
        return;
      }
      child.dead = true;
      child.signals.pending.clear();
      ThreadGroup group = child.group();
      group.liveThreads().remove(child);
      tasks.ended();
      tasks.remove(child);
      if (!has(CLONE_THREAD)) {
        group.exiting = true;
        group.pidNamespace().processEnded(parent.kernel());
        group.setParent(null, null);
        tasks.move(group, null);
      } else {
        JobControl.leaving(child);
      }
    }
    child.leaveParts();
  }
}
