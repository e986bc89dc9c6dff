package dev.skerry.sentry.kernel;

import org.jspecify.annotations.Nullable;

/** A session (setsid(2)). Guarded by {@link TaskSet}; the public methods take it themselves. */
public final class Session {
  private final int id;
  private final TaskSet tasks;
  private @Nullable ControllingTerminal terminal;
  private @Nullable ProcessGroup foreground;
  private int groups;

  Session(int id, TaskSet tasks) {
    this.id = id;
    this.tasks = tasks;
  }

  public int id() {
    return id;
  }

  /** The terminal that controls the session, or null. */
  public @Nullable ControllingTerminal terminal() {
    synchronized (tasks) {
      return terminal;
    }
  }

  /** Gives the session a terminal with a job in its foreground, or takes both away. */
  public void setTerminal(
      @Nullable ControllingTerminal controlling, @Nullable ProcessGroup foregroundGroup) {
    synchronized (tasks) {
      terminal = controlling;
      foreground = foregroundGroup;
    }
  }

  /** The job that may use the terminal, or null. */
  public @Nullable ProcessGroup foreground() {
    synchronized (tasks) {
      return foreground;
    }
  }

  public void setForeground(ProcessGroup group) {
    synchronized (tasks) {
      foreground = group;
    }
  }

  void groupAdded() {
    groups++;
  }

  /** Returns whether that was the last group. */
  boolean groupRemoved() {
    return --groups == 0;
  }
}
