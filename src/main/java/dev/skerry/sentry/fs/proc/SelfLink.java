package dev.skerry.sentry.fs.proc;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.PidNamespace;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.vfs.synthetic.GeneratedLink;

/** /proc/self and /proc/thread-self, which lead to whoever asks. */
final class SelfLink extends GeneratedLink {
  private final boolean thread;
  private final PidNamespace pids;

  SelfLink(ProcFileSystem fileSystem, boolean thread) {
    super(fileSystem, fileSystem.nextNumber(), 0777);
    this.thread = thread;
    this.pids = fileSystem.pids();
  }

  @Override
  public String readlink() throws ErrnoException {
    Task task = Task.current();
    if (task == null) {
      throw ErrnoException.of(Errno.ENOENT);
    }
    int process = pids.number(task.group());
    if (process == 0) {
      throw ErrnoException.of(Errno.ENOENT);
    }
    return thread ? process + "/task/" + pids.number(task) : Integer.toString(process);
  }
}
