package dev.skerry.sentry.loader;

import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.kernel.Execution;
import dev.skerry.sentry.kernel.Task;
import org.jspecify.annotations.Nullable;

/**
 * A program that was found and checked, before the point of no return.
 *
 * @param hostFd what {@code file} is mapped from
 * @param name the file name of the call, as AT_EXECFN tells it
 * @param comm the short name
 * @param before who executes it
 */
public record PreparedProgram(
    ExecutableFile file,
    int hostFd,
    ElfImage image,
    @Nullable ExecutableFile interpreter,
    @Nullable ElfImage interpreterImage,
    ExecArguments arguments,
    String name,
    String comm,
    Credentials before) {

  /**
   * Replaces the task's program, during an event. What follows comes by itself.
   *
   * @return false if the task was killed meanwhile
   */
  public boolean execute(Task task) {
    if (!Execution.begin(task)) {
      close();
      return false;
    }
    startIn(task);
    task.thread().execute();
    return true;
  }

  /** Makes it the program that the task begins with, in the address space that comes next. */
  public void startIn(Task task) {
    ProgramStart start = new ProgramStart(task, this);
    Execution.whenExecuted(task, file.path().inode(), hostFd, start::begin, this::close);
  }

  /** Gives the files back; not after {@link #execute} or {@link #startIn}. */
  public void close() {
    arguments.letGo();
    file.close();
    if (interpreter != null) {
      interpreter.close();
    }
  }
}
