package dev.skerry.sentry.kernel;

import dev.skerry.abi.Signal;
import org.jspecify.annotations.Nullable;

/**
 * A task and its process at one moment, for /proc (proc_pid_stat(5), proc_pid_status(5)). Signal
 * sets are 64-bit masks.
 *
 * @param state R, S, D, T or Z
 * @param parent 0 for init
 * @param terminal the controlling terminal's device number; 0 for none
 * @param foreground the terminal's foreground job; -1 for none
 * @param threads those that have not ended
 * @param queued the signals that are pending for task and process
 * @param executed whether the process has executed a program since it was forked
 */
public record TaskSnapshot(
    char state,
    int tgid,
    int parent,
    int processGroup,
    int session,
    long terminal,
    int foreground,
    int threads,
    long pending,
    long sharedPending,
    long blocked,
    long ignored,
    long caught,
    int queued,
    int exitSignal,
    int exitCode,
    boolean executed) {

  /**
   * Null if the task is gone altogether.
   *
   * @param pids whose numbers it tells
   */
  public static @Nullable TaskSnapshot of(Task task, PidNamespace pids) {
    synchronized (task.kernel().tasks()) {
      ThreadGroup group = task.group();
      ProcessGroup job = group.processGroupOrNull();
      if (job == null || task.kernel().tasks().find(task.tid()) != task) {
        return null;
      }
      Session session = job.session();
      ControllingTerminal terminal = session.terminal();
      ProcessGroup foreground = session.foreground();
      ThreadGroup parent = group.parent();
      long ignored = 0;
      long caught = 0;
      for (int signal = 1; signal <= Signal.MAX; signal++) {
        SignalAction action = group.handlers.get(signal);
        if (action.isIgnore()) {
          ignored |= Signal.bit(signal);
        } else if (!action.isDefault()) {
          caught |= Signal.bit(signal);
        }
      }
      return new TaskSnapshot(
          task.state(),
          pids.number(group),
          pids.number(parent),
          pids.number(job.id()),
          pids.number(session.id()),
          terminal == null ? 0 : terminal.device(),
          terminal == null || foreground == null ? -1 : pids.number(foreground.id()),
          Math.max(group.liveThreads().size(), 1),
          task.signals.pending.set(),
          group.pending.set(),
          task.signals.mask,
          ignored,
          caught,
          task.signals.pending.size() + group.pending.size(),
          group.exitSignal,
          group.exitCode,
          group.executed);
    }
  }
}
