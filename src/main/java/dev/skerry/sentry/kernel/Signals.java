package dev.skerry.sentry.kernel;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Signal;
import dev.skerry.sentry.auth.Capability;
import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.landlock.AccessRights;
import dev.skerry.sentry.landlock.Domain;
import dev.skerry.sentry.slab.Slab;
import dev.skerry.sentry.waiter.Events;
import org.jspecify.annotations.Nullable;

/**
 * Sends signals. All but the public methods run with TaskSet held. Linux: kernel/signal.c, the
 * first half.
 */
public final class Signals {
  private Signals() {}

  /** Sends to a process, on the kernel's behalf. */
  static void send(ThreadGroup group, SigInfo info) {
    send(group, group.leader(), info, true, false);
  }

  /** Sends to one task, on the kernel's behalf. */
  static void send(Task task, SigInfo info) {
    send(task.group(), task, info, false, false);
  }

  /**
   * Sends a signal, which may be ignored, or be there already.
   *
   * @param toGroup whether any thread may take it
   * @param outside whether it comes from outside of the target's PID namespace
   * @return zero, or -EAGAIN if the queue of real-time signals is full
   */
  static long send(ThreadGroup group, Task target, SigInfo info, boolean toGroup, boolean outside) {
    int signal = info.signal();
    long bit = Signal.bit(signal);
    if (group.exiting || group.zombie || (!toGroup && target.dead)) {
      return 0;
    }
    prepare(group, bit);
    if (isIgnored(target, signal, outside)) {
      return 0;
    }
    if (signal == Signal.SIGKILL) {
      Exit.kill(group, Signal.SIGKILL);
      return 0;
    }
    PendingSignals queue = toGroup ? group.pending : target.signals.pending;
    if (signal < Signal.SIGRTMIN && queue.contains(signal)) {
      return 0;
    }
    if (signal >= Signal.SIGRTMIN && isQueueFull(group, queue)) {
      if (info.code() != Signal.SI_USER && info.code() != Signal.SI_KERNEL) {
        return -Errno.EAGAIN;
      }
      if (queue.contains(signal)) {
        return 0;
      }
    }
    queue.add(info);
    notice(group, target, signal, toGroup);
    group.handlers.arrivals().wake(Events.READABLE);
    return 0;
  }

  /** Sends to a process what it asked to be told, such as the notice of a message queue. */
  public static void sendNotice(ThreadGroup group, SigInfo info) {
    synchronized (group.kernel().tasks()) {
      send(group, info);
    }
  }

  /**
   * Sends a POSIX timer's notice. If the one before is still pending, that tells of one overrun
   * more.
   *
   * @param target null for the whole process
   * @return whether one was pending
   */
  public static boolean sendTimer(ThreadGroup group, @Nullable Task target, SigInfo info) {
    synchronized (group.kernel().tasks()) {
      PendingSignals queue = target == null ? group.pending : target.signals.pending;
      if (queue.mergeTimer(info)) {
        return true;
      }
      send(group, target == null ? group.leader() : target, info, target == null, false);
      return false;
    }
  }

  /** Whether a POSIX timer's notice has not been taken yet. */
  public static boolean isTimerPending(
      ThreadGroup group, @Nullable Task target, int signal, int timerId) {
    synchronized (group.kernel().tasks()) {
      PendingSignals queue = target == null ? group.pending : target.signals.pending;
      return queue.hasTimer(signal, timerId);
    }
  }

  private static boolean isQueueFull(ThreadGroup group, PendingSignals queue) {
    return Slab.isFull() || group.limits().exceeds(Rlimits.SIGPENDING, queue.size() + 1L);
  }

  /** A stop signal cancels SIGCONT and the other way round, whether blocked or not. */
  private static void prepare(ThreadGroup group, long bit) {
    if ((bit & Signal.STOPS) != 0) {
      removePending(group, Signal.bit(Signal.SIGCONT));
    } else if (bit == Signal.bit(Signal.SIGCONT)) {
      removePending(group, Signal.STOPS);
      JobControl.resume(group);
    }
  }

  static void removePending(ThreadGroup group, long set) {
    group.pending.removeAll(set);
    for (Task task : group.liveThreads()) {
      task.signals.pending.removeAll(set);
    }
  }

  /** Picks the task that takes the signal, and wakes it. */
  private static void notice(ThreadGroup group, Task target, int signal, boolean toGroup) {
    Task taker = null;
    if (wants(target, signal)) {
      taker = target;
    } else if (toGroup) {
      for (Task task : group.liveThreads()) {
        if (wants(task, signal)) {
          taker = task;
          break;
        }
      }
    }
    if (taker == null) {
      return;
    }
    if (isFatal(group, taker, signal)) {
      Exit.kill(group, signal);
      return;
    }
    taker.wake();
  }

  private static boolean wants(Task task, int signal) {
    SignalState state = task.signals;
    long bit = Signal.bit(signal);
    boolean reaches = (state.mask & bit) == 0 || (state.awaited & bit) != 0;
    return reaches && !task.dead && !state.stopped;
  }

  /** Whether the process can be ended without asking the task: no handler, no core, no waiter. */
  private static boolean isFatal(ThreadGroup group, Task taker, int signal) {
    long bit = Signal.bit(signal);
    return group.handlers.get(signal).isDefault()
        && (bit & (Signal.STOPS | Signal.IGNORED | CORE)) == 0
        && (taker.signals.mask & bit) == 0
        && (taker.signals.awaited & bit) == 0
        && taker.trace() == null
        && !group.isInit();
  }

  /** The signals whose default is to write a core file, if the limit allows one. */
  static final long CORE =
      Signal.SYNCHRONOUS
          | Signal.bit(Signal.SIGQUIT)
          | Signal.bit(Signal.SIGABRT)
          | Signal.bit(Signal.SIGXCPU)
          | Signal.bit(Signal.SIGXFSZ);

  /**
   * Whether sending is pointless: nobody would see it. A blocked signal might yet get a handler.
   */
  private static boolean isIgnored(Task target, int signal, boolean outside) {
    long bit = Signal.bit(signal);
    boolean traced = target.trace() != null && signal != Signal.SIGKILL;
    if ((target.signals.mask & bit) != 0 || traced) {
      return false;
    }
    ThreadGroup group = target.group();
    SignalAction action = group.handlers.get(signal);
    if (action.isDefault()) {
      if (group.isInit()) {
        boolean unstoppable = (bit & Signal.UNSTOPPABLE) != 0;
        return !(outside && unstoppable);
      }
      return (bit & Signal.IGNORED) != 0;
    }
    return action.isIgnore();
  }

  /** Sends a signal that cannot be held off: if blocked or ignored, it kills. */
  static void force(Task task, SigInfo info) {
    int signal = info.signal();
    long bit = Signal.bit(signal);
    SignalState state = task.signals;
    SignalHandlers handlers = task.group().handlers;
    boolean blocked = (state.mask & bit) != 0;
    if (blocked || handlers.get(signal).isIgnore()) {
      handlers.set(signal, SignalAction.DEFAULT_ACTION);
      state.mask &= ~bit;
    }
    // Init does not die of being debugged.
    state.forced |= handlers.get(signal).isDefault() && task.trace() == null;
    if (!task.dead && !state.pending.contains(signal)) {
      state.pending.add(info);
    }
    task.attention = true;
  }

  /** Takes the next pending signal of the set, the task's own first. */
  static @Nullable SigInfo take(Task task, long set) {
    SigInfo own = task.signals.pending.take(set);
    return own != null ? own : task.group().pending.take(set);
  }

  /** Brings {@link Task#attention} up to date after a change of mask or pending signals. */
  static void recalculate(Task task) {
    SignalState state = task.signals;
    long pending = state.pending.set() | task.group().pending.set();
    Trace trace = task.trace();
    boolean trap = trace != null && trace.hasTrap();
    boolean ends =
        task.dead
            || task.ending.lingers
            || task.ending.condemnedBy != 0
            || task.ending.processCondemnedBy != null;
    task.attention = (pending & ~state.mask) != 0 || state.stopPending || ends || trap;
  }

  /** Changes the mask; signals for the process that are now blocked may go to other threads. */
  static void setMask(Task task, long mask) {
    SignalState state = task.signals;
    long before = state.mask;
    state.setMask(mask);
    long newlyBlocked = state.mask & ~before & task.group().pending.set();
    if (newlyBlocked != 0) {
      retarget(task, newlyBlocked);
    }
    recalculate(task);
  }

  /** Wakes other threads for signals to the process that this task will not take after all. */
  static void retarget(Task leaving, long set) {
    for (Task task : leaving.group().liveThreads()) {
      if (task != leaving && !task.dead && (set & ~task.signals.mask) != 0) {
        set &= task.signals.mask;
        task.wake();
      }
    }
  }

  /** What kill(2) and its like tell the target of the sender, as the target knows it. */
  static SigInfo from(Task sender, Task target, int signal, int code) {
    int uid = target.credentials().userNamespace().shownUid(sender.credentials().uid());
    int pid = target.pidNamespace().number(sender.group());
    return SigInfo.user(signal, code, pid, uid);
  }

  /** Whether the target's namespace does not know the sender: then it is an ancestor's. */
  static boolean isOutside(Task sender, Task target) {
    return target.pidNamespace().number(sender.group()) == 0;
  }

  /** Whether the sender may send the signal (kill(2)). */
  static boolean isPermitted(Task sender, Task target, int signal) {
    if (sender.group() == target.group()) {
      return true;
    }
    Credentials mine = sender.credentials();
    Credentials theirs = target.credentials();
    boolean known =
        mine.euid() == theirs.suid()
            || mine.euid() == theirs.uid()
            || mine.uid() == theirs.suid()
            || mine.uid() == theirs.uid()
            || mine.hasCapability(theirs.userNamespace(), Capability.KILL)
            || (signal == Signal.SIGCONT && sender.group().session() == target.group().session());
    return known && isWithin(mine.domain(), target);
  }

  /** Whether one who has restricted itself so may still send signals to the target. */
  static boolean isWithin(@Nullable Domain domain, Task target) {
    return domain == null
        || !domain.isApartFrom(target.credentials().domain(), AccessRights.SCOPE_SIGNAL);
  }

  static long fromOutside(Kernel kernel, int tgid, int signal) {
    synchronized (kernel.tasks()) {
      ThreadGroup group = kernel.tasks().findGroup(tgid);
      if (group == null || group.zombie) {
        return -Errno.ESRCH;
      }
      if (signal == Signal.SIGKILL) {
        Exit.killNow(group);
        return 0;
      }
      return send(group, group.leader(), SigInfo.user(signal, Signal.SI_USER, 0, 0), true, true);
    }
  }
}
