package dev.skerry.sentry.kernel;

import org.jspecify.annotations.Nullable;

/**
 * That a task is traced, by whom and how (ptrace(2)). Guarded by {@link TaskSet}, but for what only
 * the stopped task's tracer or the running task itself changes. Linux: the fields ptrace and jobctl
 * of struct task_struct.
 */
public final class Trace {
  static final int EVENT_FORK = 1;
  static final int EVENT_VFORK = 2;
  static final int EVENT_CLONE = 3;
  static final int EVENT_EXEC = 4;
  static final int EVENT_VFORK_DONE = 5;
  static final int EVENT_EXIT = 6;
  public static final int EVENT_SECCOMP = 7;
  static final int EVENT_STOP = 128;

  static final int O_TRACESYSGOOD = 1;
  static final int O_EXITKILL = 1 << 20;
  static final int O_SUSPEND_SECCOMP = 1 << 21;

  /** How far the task runs on. */
  public enum Mode {
    /** Until a signal or an event. */
    CONTINUE(false, false, false),
    /** To the next beginning or end of a system call at most. */
    CALLS(true, false, false),
    /** For one instruction. */
    STEP(false, false, true),
    /** To the next beginning of a system call at most, which is then not made. */
    EMULATE(true, true, false),
    /** For one instruction, or to the beginning of a call that is then not made. */
    EMULATE_STEP(true, true, true);

    /** Whether the beginning of a call is a stop. */
    final boolean stopsAtCalls;

    final boolean emulates;
    final boolean steps;

    Mode(boolean stopsAtCalls, boolean emulates, boolean steps) {
      this.stopsAtCalls = stopsAtCalls;
      this.emulates = emulates;
      this.steps = steps;
    }
  }

  final Task tracer;

  /** By PTRACE_SEIZE. */
  final boolean seized;

  int options;

  /** Null until the tracer has set one. */
  @Nullable DebugRegisters debug;

  /** The id that the task had before its last execve. */
  int formerTid;

  volatile Mode mode = Mode.CONTINUE;
  @Nullable TraceStop stop;

  /** The tracer leaves the task in its stop, and wants to know when that ends (PTRACE_LISTEN). */
  boolean listening;

  /** The task is to stop when it next comes by (JOBCTL_TRAP_STOP). */
  boolean trapPending;

  /** The task is to tell that its process was stopped or continued (JOBCTL_TRAP_NOTIFY). */
  boolean noticePending;

  Trace(Task tracer, boolean seized, int options) {
    this.tracer = tracer;
    this.seized = seized;
    this.options = options;
  }

  /** Whether the tracer asked to be told of the event. */
  boolean wants(int event) {
    return (options & 1 << event) != 0;
  }

  /** Whether the task is to stop though no signal is there for it. */
  boolean hasTrap() {
    return trapPending || noticePending;
  }
}
