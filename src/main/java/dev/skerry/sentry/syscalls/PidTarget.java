package dev.skerry.sentry.syscalls;

import dev.skerry.sentry.kernel.PidFile;
import dev.skerry.sentry.kernel.ProcessDirectory;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.kernel.ThreadGroup;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.OpenFlags;
import dev.skerry.sentry.vfs.VfsPath;
import org.jspecify.annotations.Nullable;

/**
 * Whom a pidfd among the arguments of a call means. Linux: pidfd_get_pid() of kernel/pid.c.
 *
 * @param task null once its status has been taken
 * @param isThread whether the thread is meant and not its process
 */
record PidTarget(@Nullable Task task, boolean isThread) {
  /** PIDFD_SELF_THREAD. */
  private static final int SELF_THREAD = -10_000;

  /** PIDFD_SELF_THREAD_GROUP. */
  private static final int SELF_PROCESS = -10_001;

  /** The target of a pidfd or of what stands for the caller; null for any other descriptor. */
  static @Nullable PidTarget ofPidFile(Task caller, int fd) {
    if (fd == SELF_THREAD || fd == SELF_PROCESS) {
      boolean thread = fd == SELF_THREAD;
      return new PidTarget(thread ? caller : caller.group().leader(), thread);
    }
    OpenFileDescription file = caller.files().acquire(fd);
    if (file == null) {
      return null;
    }
    PidTarget target =
        file instanceof PidFile pid ? new PidTarget(pid.task(), pid.isOfThread()) : null;
    file.drop();
    return target;
  }

  /** As {@link #ofPidFile}, or of a directory of /proc. */
  static @Nullable PidTarget of(Task caller, int fd) {
    PidTarget target = ofPidFile(caller, fd);
    OpenFileDescription file = target == null ? caller.files().acquire(fd) : null;
    if (file == null) {
      return target;
    }
    ThreadGroup process = processOf(file);
    file.drop();
    return process == null ? null : new PidTarget(process.leader(), false);
  }

  private static @Nullable ThreadGroup processOf(OpenFileDescription file) {
    VfsPath path = file.path();
    return path != null
            && (file.flags() & OpenFlags.O_PATH) == 0
            && path.inode() instanceof ProcessDirectory directory
        ? directory.process()
        : null;
  }
}
