package dev.skerry.sentry.kernel;

import java.util.List;

/** Writes down what a process was when a signal ended it (core(5)). */
@FunctionalInterface
public interface CoreDumper {
  /**
   * Runs without locks; all of the process's tasks do nothing more.
   *
   * @param task the one that was struck, in an event
   * @param others those of which there are registers, each in an event of its own
   * @return whether there is a core file now, perhaps cut off
   */
  boolean dump(Task task, List<Task> others, SigInfo reason);
}
