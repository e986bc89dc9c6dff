package dev.skerry.sentry.kernel;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.usermem.IoBuffer;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.Stat;
import dev.skerry.sentry.waiter.Events;
import dev.skerry.sentry.waiter.WaitQueue;

/** A process as a file (pidfd_open(2)): readable once the process has ended. */
public final class PidFile extends OpenFileDescription {
  private static final int O_RDWR = 2;
  private static final int S_IFREG_OWNER = 0100600;

  private final ThreadGroup group;

  /**
   * @param statusFlags O_NONBLOCK or 0
   */
  public PidFile(ThreadGroup group, int statusFlags) {
    super(O_RDWR | statusFlags);
    this.group = group;
  }

  public ThreadGroup group() {
    return group;
  }

  @Override
  protected void release() {}

  @Override
  public String displayName() {
    return "anon_inode:[pidfd]";
  }

  @Override
  public String details() {
    Task reader = Task.current();
    PidNamespace pids = reader == null ? group.kernel().pids() : reader.pidNamespace();
    boolean zombie = group.isZombie();
    int pid = zombie ? -1 : pids.number(group);
    String numbers = zombie ? "-1" : pids.numbers(group.tgid(), group.pidNamespace());
    return "Pid:\t" + pid + "\nNSpid:\t" + numbers + "\n";
  }

  @Override
  public Stat stat() {
    return new Stat(
        0, group.tgid(), S_IFREG_OWNER, 1, 0, 0, 0, 0, 4096, 0, 0, 0, 0, group.startTime());
  }

  @Override
  public long pread(IoBuffer target, long offset) {
    return -Errno.EINVAL;
  }

  @Override
  public int poll() {
    if (!group.isZombie()) {
      return 0;
    }
    return group.isReaped() ? Events.READABLE | Events.HUP : Events.READABLE;
  }

  @Override
  public WaitQueue waitQueue() {
    return group.exitQueue();
  }
}
