package dev.skerry.sentry.kernel;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Signal;
import dev.skerry.sentry.auth.Capability;
import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.landlock.Domain;
import dev.skerry.sentry.platform.Registers;
import java.util.List;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** What the signal calls do. Takes TaskSet itself. Linux: kernel/signal.c, the second half. */
public final class SignalControl {
  private SignalControl() {}

  public static SignalAction action(Task task, int signal) {
    synchronized (task.kernel().tasks()) {
      return task.group().handlers.get(signal);
    }
  }

  /** Sets an action; pending signals that it ignores are forgotten. Returns the one before. */
  public static SignalAction setAction(Task task, int signal, SignalAction action) {
    synchronized (task.kernel().tasks()) {
      ThreadGroup group = task.group();
      SignalAction before = group.handlers.get(signal);
      group.handlers.set(signal, action);
      long bit = Signal.bit(signal);
      if (action.isIgnore() || (action.isDefault() && (bit & Signal.IGNORED) != 0)) {
        Signals.removePending(group, bit);
      }
      return before;
    }
  }

  /** The blocked signals. */
  public static long mask(Task task) {
    synchronized (task.kernel().tasks()) {
      return task.signals.mask;
    }
  }

  public static void setMask(Task task, long mask) {
    synchronized (task.kernel().tasks()) {
      Signals.setMask(task, mask);
    }
  }

  /** The pending signals of the task and its process, blocked or not. */
  public static long pending(Task task) {
    synchronized (task.kernel().tasks()) {
      return task.signals.pending.set() | task.group().pending.set();
    }
  }

  /** The pending signals of a process, as in ShdPnd of /proc/PID/status. */
  public static long sharedPending(ThreadGroup group) {
    synchronized (group.kernel().tasks()) {
      return group.pending.set();
    }
  }

  /** The signals that a process ignores or catches, as in /proc/PID/status. */
  public static long actionSet(ThreadGroup group, boolean ignored) {
    long set = 0;
    synchronized (group.kernel().tasks()) {
      for (int signal = 1; signal <= Signal.MAX; signal++) {
        SignalAction action = group.handlers.get(signal);
        if (ignored ? action.isIgnore() : !action.isIgnore() && !action.isDefault()) {
          set |= Signal.bit(signal);
        }
      }
    }
    return set;
  }

  public static AlternateStack alternateStack(Task task) {
    synchronized (task.kernel().tasks()) {
      return task.signals.alternateStack;
    }
  }

  public static void setAlternateStack(Task task, AlternateStack stack) {
    synchronized (task.kernel().tasks()) {
      task.signals.alternateStack = stack;
    }
  }

  /** rt_sigreturn(2), during an event: the registers are those from before the signal again. */
  public static long sigreturn(Task task, long mask, AlternateStack stack) {
    task.entry().setOriginalCall(-1);
    synchronized (task.kernel().tasks()) {
      Signals.setMask(task, mask);
      AlternateStack present = task.signals.alternateStack;
      if (!present.isSame(stack)
          && !present.isInUse(task.thread().registers().get(Registers.RSP))) {
        task.signals.alternateStack = stack;
      }
    }
    task.entry().leaveCall(0);
    return Results.PARKED;
  }

  /** The registers of before a signal cannot be had, so no handler may see the SIGSEGV for it. */
  static void frameLost(Task task) {
    synchronized (task.kernel().tasks()) {
      task.group().handlers.set(Signal.SIGSEGV, SignalAction.DEFAULT_ACTION);
      Signals.force(task, SigInfo.kernel(Signal.SIGSEGV));
    }
    Delivery.leave(task, 0);
  }

  /** Waits until a signal comes (pause(2)); its handler runs before the call returns. */
  public static long pause(Task task) {
    return new Wait(task) {
      @Override
      protected long attempt() {
        return Results.NOT_YET;
      }

      @Override
      protected long interrupted() {
        return Results.ERESTARTNOHAND;
      }
    }.park();
  }

  /**
   * Waits for a signal of the set, and takes it (sigtimedwait(2)).
   *
   * @param deadline in monotonic nanoseconds; null waits for ever
   * @param taken gives the call's result for the signal that came
   */
  public static long timedWait(
      Task task, long set, @Nullable Long deadline, ToLongFunction<SigInfo> taken) {
    long wanted = set & ~Signal.UNSTOPPABLE;
    TaskSet tasks = task.kernel().tasks();
    Wait wait =
        new Wait(task) {
          @Override
          protected long attempt() {
            SigInfo info = task.takeSignal(wanted);
            return info == null ? Results.NOT_YET : taken.applyAsLong(info);
          }

          @Override
          protected long timedOut() {
            return -Errno.EAGAIN;
          }

          @Override
          protected long interrupted() {
            return -Errno.EINTR;
          }

          @Override
          protected void finished() {
            synchronized (tasks) {
              task.signals.awaited = 0;
              Signals.recalculate(task);
            }
          }
        };
    synchronized (tasks) {
      task.signals.awaited = wanted;
    }
    if (deadline != null) {
      wait.until(deadline);
    }
    return wait.park();
  }

  /** kill(2). */
  public static long kill(Task sender, int pid, int signal) {
    TaskSet tasks = sender.kernel().tasks();
    PidNamespace pids = sender.pidNamespace();
    synchronized (tasks) {
      if (pid > 0) {
        return sendToProcess(sender, pids.find(pid), signal, null);
      }
      if (pid == -1) {
        return killAll(sender, signal);
      }
      ProcessGroup job =
          pid == 0 ? sender.group().processGroup() : tasks.findProcessGroup(pids.id(-pid));
      if (job == null || pid == Integer.MIN_VALUE) {
        return -Errno.ESRCH;
      }
      return killEach(sender, List.copyOf(job.members()), signal, null);
    }
  }

  private static long killAll(Task sender, int signal) {
    List<ThreadGroup> others =
        sender.kernel().tasks().groups().stream()
            .filter(group -> sender.pidNamespace().number(group) > 1 && group != sender.group())
            .toList();
    return killEach(sender, others, signal, null);
  }

  private static long killEach(
      Task sender, List<ThreadGroup> groups, int signal, @Nullable SigInfo given) {
    long result = -Errno.ESRCH;
    boolean sent = false;
    for (ThreadGroup group : groups) {
      result = sendToProcess(sender, group.leader(), signal, given);
      sent |= result == 0;
    }
    return sent ? 0 : result;
  }

  /**
   * @param given what the sender tells, or null for what kill(2) tells
   */
  private static long sendToProcess(
      Task sender, @Nullable Task target, int signal, @Nullable SigInfo given) {
    if (target == null) {
      return -Errno.ESRCH;
    }
    if (!Signals.isPermitted(sender, target, signal)) {
      return -Errno.EPERM;
    }
    if (signal == 0) {
      return 0;
    }
    SigInfo info = given == null ? Signals.from(sender, target, signal, Signal.SI_USER) : given;
    return Signals.send(target.group(), target, info, true, Signals.isOutside(sender, target));
  }

  /** tgkill(2), and with {@code tgid} 0 tkill(2). */
  public static long killThread(Task sender, int tgid, int tid, int signal) {
    synchronized (sender.kernel().tasks()) {
      return sendToThread(sender, tgid, tid, signal, null);
    }
  }

  private static long sendToThread(
      Task sender, int tgid, int tid, int signal, @Nullable SigInfo given) {
    PidNamespace pids = sender.pidNamespace();
    Task target = pids.find(tid);
    if (target == null || (tgid != 0 && pids.number(target.group()) != tgid)) {
      return -Errno.ESRCH;
    }
    return sendToThread(sender, target, signal, given);
  }

  private static long sendToThread(Task sender, Task target, int signal, @Nullable SigInfo given) {
    if (!Signals.isPermitted(sender, target, signal)) {
      return -Errno.EPERM;
    }
    if (signal == 0) {
      return 0;
    }
    SigInfo info = given == null ? Signals.from(sender, target, signal, Signal.SI_TKILL) : given;
    return Signals.send(target.group(), target, info, false, Signals.isOutside(sender, target));
  }

  /**
   * rt_sigqueueinfo(2), and with {@code tgid} not 0 rt_tgsigqueueinfo(2).
   *
   * @param abi siginfo_t as the guest wrote it
   */
  public static long queue(Task sender, int tgid, int id, int signal, byte[] abi) {
    SigInfo info = SigInfo.raw(signal, abi);
    TaskSet tasks = sender.kernel().tasks();
    boolean self = (tgid != 0 ? tgid : id) == sender.pidNamespace().number(sender.group());
    if (!self && (info.code() >= 0 || info.code() == Signal.SI_TKILL)) {
      return -Errno.EPERM;
    }
    if (signal != 0 && !Signal.isValid(signal)) {
      return -Errno.EINVAL;
    }
    synchronized (tasks) {
      return tgid != 0
          ? sendToThread(sender, tgid, id, signal, info)
          : sendToProcess(sender, sender.pidNamespace().find(id), signal, info);
    }
  }

  /**
   * pidfd_send_signal(2) to a process.
   *
   * @param target one of its threads
   * @param abi siginfo_t as the guest wrote it, or null for that of kill(2)
   */
  public static long sendToGroup(Task sender, Task target, int signal, byte @Nullable [] abi) {
    return sendToPlace(
        sender, target, signal, abi, info -> sendToProcess(sender, target, signal, info));
  }

  /** The same for one thread. */
  public static long sendToThread(Task sender, Task target, int signal, byte @Nullable [] abi) {
    return sendToPlace(
        sender, target, signal, abi, info -> sendToThread(sender, target, signal, info));
  }

  /** The same for the process group that is named after the process. */
  public static long sendToJob(Task sender, Task target, int signal, byte @Nullable [] abi) {
    return sendToPlace(
        sender,
        target,
        signal,
        abi,
        info -> {
          ProcessGroup job = sender.kernel().tasks().findProcessGroup(target.tid());
          return job == null
              ? -Errno.ESRCH
              : killEach(sender, List.copyOf(job.members()), signal, info);
        });
  }

  /** How the signal goes out. */
  private interface Sending {
    long send(@Nullable SigInfo given);
  }

  private static long sendToPlace(
      Task sender, Task target, int signal, byte @Nullable [] abi, Sending sending) {
    SigInfo given = abi == null ? null : SigInfo.raw(abi);
    if (given != null) {
      if (given.signal() != signal) {
        return -Errno.EINVAL;
      }
      boolean claimsKernel = given.code() >= 0 || given.code() == Signal.SI_TKILL;
      if (claimsKernel && target != sender) {
        return -Errno.EPERM;
      }
    }
    synchronized (sender.kernel().tasks()) {
      if (sender.kernel().tasks().find(target.tid()) != target) {
        return -Errno.ESRCH;
      }
      return sending.send(given);
    }
  }

  /**
   * Whether one task may look into another: same user and group and no more rights, or
   * CAP_SYS_PTRACE; and nobody from a domain into what is outside. Linux: __ptrace_may_access().
   */
  public static boolean mayInspect(Task task, Task other) {
    if (task.group() == other.group()) {
      return true;
    }
    Credentials mine = task.credentials();
    Credentials theirs = other.credentials();
    return hasRightsOf(mine, theirs, other.isDumpable())
        && Domain.contains(mine.domain(), theirs.domain());
  }

  private static boolean hasRightsOf(Credentials mine, Credentials theirs, boolean dumpable) {
    if (mine.hasCapability(theirs.userNamespace(), Capability.SYS_PTRACE)) {
      return true;
    }
    boolean atLeast =
        mine.userNamespace() == theirs.userNamespace()
            && (theirs.permitted() & ~mine.permitted()) == 0;
    return dumpable
        && atLeast
        && mine.uid() == theirs.uid()
        && mine.uid() == theirs.euid()
        && mine.uid() == theirs.suid()
        && mine.gid() == theirs.gid()
        && mine.gid() == theirs.egid()
        && mine.gid() == theirs.sgid();
  }
}
