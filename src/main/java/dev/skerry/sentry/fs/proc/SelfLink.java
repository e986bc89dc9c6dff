package dev.skerry.sentry.fs.proc;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.vfs.synthetic.GeneratedLink;

/** /proc/self and /proc/thread-self, which lead to whoever asks. */
final class SelfLink extends GeneratedLink {
  private final boolean thread;

  SelfLink(ProcFileSystem fileSystem, boolean thread) {
    super(fileSystem, fileSystem.nextNumber(), 0777);
    this.thread = thread;
  }

  @Override
  public String readlink() throws ErrnoException {
    Task task = Task.current();
    if (task == null) {
      throw ErrnoException.of(Errno.ENOENT);
    }
    String process = Integer.toString(task.group().tgid());
    return thread ? process + "/task/" + task.tid() : process;
  }
}
