package dev.skerry.sentry.vfs;

/** Knows which files are being run as programs. Linux: a negative i_writecount. */
@FunctionalInterface
public interface RunningPrograms {
  /** Whether a process runs the file. Called without locks. */
  boolean isRunning(Inode inode);
}
