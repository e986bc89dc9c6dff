package dev.skerry.sentry.kernel;

/** Writes down what a process was when a signal ended it (core(5)). */
@FunctionalInterface
public interface CoreDumper {
  /**
   * Runs during an event of the task's, without locks; the process's other tasks do nothing more.
   *
   * @return whether there is a core file now, perhaps cut off
   */
  boolean dump(Task task, SigInfo reason);
}
