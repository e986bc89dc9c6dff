package dev.skerry.sentry.syscalls;

import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.Task;

/** One system call: decode, validate, act, copy out, undo if the copy fails. */
@FunctionalInterface
public interface SyscallFunction {
  /**
   * @return a value ≥ 0, -errno, or one of {@link dev.skerry.sentry.kernel.Results}
   */
  long call(Task task, SyscallArgs args) throws ErrnoException;
}
