package dev.skerry.sentry.kernel;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The end of a process of which some tasks have to come by first, each in an event, so that their
 * registers are at hand: for the core file, or for a tracer that wants to see the end
 * (PTRACE_EVENT_EXIT). The other tasks do nothing more. Guarded by TaskSet. Linux: coredump_wait()
 * of fs/coredump.c, do_exit() of kernel/exit.c.
 */
final class Rundown {
  /** How long a task may take to come by, in nanoseconds: the host may not let it. */
  private static final long PATIENCE = 2_000_000_000L;

  private final ThreadGroup group;
  private final TaskSet tasks;

  /** The task whose core is to be dumped, with what has struck it; null for no core. */
  private final @Nullable Task struck;

  private final @Nullable SigInfo reason;
  private final Set<Task> awaited = new LinkedHashSet<>();
  private final List<Task> arrived = new ArrayList<>();
  private int left;
  private Timeouts.@Nullable Handle deadline;

  private Rundown(ThreadGroup group, @Nullable Task struck, @Nullable SigInfo reason) {
    this.group = group;
    this.tasks = group.kernel().tasks();
    this.struck = struck;
    this.reason = reason;
  }

  /**
   * Begins one, of which {@link #start} must follow; null if nobody has to come by.
   *
   * @param struck in an event; null for no core
   */
  static @Nullable Rundown begin(
      ThreadGroup group, @Nullable Task struck, @Nullable SigInfo reason) {
    if (group.killedByHost) {
      return null;
    }
    Rundown rundown = new Rundown(group, struck, reason);
    for (Task task : group.liveThreads()) {
      boolean comes = task == struck || mayCome(task);
      if (comes && !task.ending.seen && (reason != null || wantsToBeSeen(task))) {
        task.ending.lingers = true;
        task.attention = true;
        rundown.awaited.add(task);
      }
    }
    rundown.left = rundown.awaited.size();
    return rundown.left == 0 ? null : rundown;
  }

  private static boolean wantsToBeSeen(Task task) {
    Trace trace = task.trace();
    return trace != null && trace.wants(Trace.EVENT_EXIT);
  }

  private static boolean mayCome(Task task) {
    return task.hasThread() && !task.inVfork && task.mayBeInterrupted();
  }

  /** Has those come that are awaited. */
  void start() {
    deadline = group.kernel().timeouts().schedule(System.nanoTime() + PATIENCE, this::giveUp);
    for (Task task : List.copyOf(awaited)) {
      Trace trace = task.trace();
      if (trace != null && trace.stop != null) {
        trace.stop = null;
        trace.listening = false;
        group.kernel().runQueue().add(() -> arrive(task));
      } else if (task.signals.stopped) {
        task.signals.stopped = false;
        task.signals.afterStop = null;
        group.kernel().runQueue().add(() -> arrive(task));
      } else if (task != struck) {
        task.wake();
      }
    }
  }

  /** The task is in an event, and lingers. Called without locks. */
  static void arrive(Task task) {
    Rundown rundown = of(task);
    if (rundown != null) {
      task.thread().openToInspection(() -> rundown.arrived(task));
    }
  }

  private static @Nullable Rundown of(Task task) {
    synchronized (task.kernel().tasks()) {
      return task.group().rundown;
    }
  }

  /** The task, which lingers, has made its last call. Called without locks. */
  static void endsItself(Task task) {
    Rundown rundown = of(task);
    if (task.thread().inEvent() && !task.ending.seen) {
      arrive(task);
    } else if (rundown != null) {
      rundown.withdraw(List.of(task));
    }
  }

  private void arrived(Task task) {
    List<Task> ready;
    synchronized (tasks) {
      if (awaited.remove(task)) {
        arrived.add(task);
      }
      ready = takeReady();
    }
    conclude(ready);
  }

  /** Ends it now, whoever has not come, and whatever tracers wish. Guarded by TaskSet. */
  void force() {
    for (Task task : group.liveThreads()) {
      if (task.ending.lingers) {
        Tracing.dying(task);
        leaves(task);
      }
    }
    awaited.clear();
    arrived.clear();
  }

  /** Those that are still awaited do not come. Called without locks. */
  private void giveUp() {
    List<Task> lost;
    synchronized (tasks) {
      lost = List.copyOf(awaited);
    }
    withdraw(lost);
  }

  /** Tasks do not come, but are at their end. */
  private void withdraw(List<Task> lost) {
    List<Task> ready;
    synchronized (tasks) {
      for (Task task : lost) {
        if (awaited.remove(task)) {
          leaves(task);
        }
      }
      ready = takeReady();
    }
    conclude(ready);
  }

  /** A core has all that come, or none; else each goes its own way. */
  private List<Task> takeReady() {
    if (reason != null && !awaited.isEmpty()) {
      return List.of();
    }
    List<Task> ready = List.copyOf(arrived);
    arrived.clear();
    return ready;
  }

  private void conclude(List<Task> ready) {
    if (ready.isEmpty()) {
      return;
    }
    Task first = struck;
    SigInfo why = reason;
    if (first != null && why != null) {
      List<Task> others = new ArrayList<>(ready);
      others.remove(first);
      Exit.dumped(group, group.kernel().coreDumper().dump(first, others, why));
    }
    for (Task task : ready) {
      // Only the one that was struck learns that there is a core.
      int code = task == struck ? group.exitCode : group.exitCode & ~Exit.CORE_DUMPED;
      Tracee.event(task, Trace.EVENT_EXIT, code, () -> seen(task));
    }
  }

  /** The tracer has seen the task's end, or had no wish to. */
  private void seen(Task task) {
    boolean alone;
    synchronized (tasks) {
      if (!task.ending.lingers) {
        return;
      }
      alone = left > 1 && !task.isLeader() && group.liveThreads().size() > 1;
      if (!alone) {
        leaves(task);
      } else {
        left--;
        task.ending.lingers = false;
      }
    }
    if (alone) {
      Exit.leave(task, group.exitCode);
    }
  }

  private void leaves(Task task) {
    task.ending.lingers = false;
    task.dead = true;
    left--;
    if (left == 0) {
      if (deadline != null) {
        deadline.cancel();
      }
      Exit.finishSoon(group);
    }
  }
}
