package dev.skerry.sentry.kernel;

import dev.skerry.abi.Signal;
import dev.skerry.sentry.vfs.IoOwner;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.OpenFlags;
import dev.skerry.sentry.waiter.Events;
import dev.skerry.sentry.waiter.WaitEntry;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tells the owner of an open file by a signal that input or output may be possible (fcntl(2),
 * O_ASYNC). The signal is sent from the run queue, since wait queues are told under locks. Linux:
 * struct fasync_struct, send_sigio() of fs/fcntl.c.
 */
public final class IoSignal extends WaitEntry {
  private static final int POLL_IN = 1;
  private static final int POLL_OUT = 2;
  private static final int POLL_MSG = 3;
  private static final int POLL_PRI = 5;
  private static final long BAND_IN = Events.READABLE;
  private static final long BAND_OUT = Events.WRITABLE | Events.WRBAND;
  private static final long BAND_MSG = Events.READABLE | Events.MSG;
  private static final long BAND_PRI = Events.PRI | Events.RDBAND;

  private final Kernel kernel;
  private final OpenFileDescription file;
  private final int fd;

  private IoSignal(Kernel kernel, OpenFileDescription file, int fd) {
    super((file.isReadable() ? Events.READABLE : 0) | (file.isWritable() ? Events.WRITABLE : 0));
    this.kernel = kernel;
    this.file = file;
    this.fd = fd;
  }

  /**
   * Turns the signals on or off.
   *
   * @param fd which the signal's information names from then on
   * @return whether the file is of a kind that can tell
   */
  public static boolean set(Task task, OpenFileDescription file, int fd, boolean on) {
    if (!file.hasIoSignals()) {
      return false;
    }
    boolean present = (file.flags() & OpenFlags.O_ASYNC) != 0;
    if (on != present) {
      file.setIoNotice(on ? new IoSignal(task.kernel(), file, fd) : null);
      file.setFlags(file.flags() ^ OpenFlags.O_ASYNC);
    }
    return true;
  }

  @Override
  protected boolean woken(int happened) {
    boolean output = (happened & Events.READABLE) == 0 && (happened & Events.WRITABLE) != 0;
    boolean writes = file.isWritable() && (output || !file.isReadable());
    kernel.runQueue().addSignal(() -> tell(writes));
    return false;
  }

  private void tell(boolean output) {
    IoOwner owner = file.ioOwner();
    if (owner.id() == 0 || !file.hasIoSignals()) {
      return;
    }
    int signal = owner.signal();
    SigInfo info =
        signal == 0
            ? SigInfo.kernel(Signal.SIGIO)
            : SigInfo.poll(signal, output ? POLL_OUT : POLL_IN, output ? BAND_OUT : BAND_IN, fd);
    tell(kernel.tasks(), owner, info);
  }

  /**
   * Urgent data have come: SIGURG to the owner, also of a file without O_ASYNC. Linux:
   * sk_send_sigurg() of net/core/sock.c.
   */
  public static void urgent(Kernel kernel, OpenFileDescription file) {
    IoOwner owner = file.ioOwner();
    if (owner.id() != 0) {
      kernel.runQueue().addSignal(() -> tellUrgent(kernel.tasks(), file, owner));
    }
  }

  private static void tellUrgent(TaskSet tasks, OpenFileDescription file, IoOwner owner) {
    tell(tasks, owner, SigInfo.kernel(Signal.SIGURG));
    if (owner.signal() != 0 && file.ioNotice() instanceof IoSignal notice) {
      tell(tasks, owner, SigInfo.poll(owner.signal(), POLL_PRI, BAND_PRI, notice.fd));
    }
  }

  /** Makes the caller the owner of a file that has none yet. Linux: __f_setown(), not forced. */
  public static void ownUnowned(Task task, OpenFileDescription file) {
    IoOwner owner = file.ioOwner();
    if (owner.id() == 0) {
      int uid = task.credentials().uid();
      int euid = task.credentials().euid();
      int process = task.group().tgid();
      file.setIoOwner(new IoOwner(IoOwner.PID, process, owner.signal(), uid, euid, null));
    }
  }

  /** Something has happened that the owner of the file asked to be told of. */
  public static void message(Kernel kernel, OpenFileDescription file, int fd) {
    kernel
        .runQueue()
        .addSignal(
            () -> {
              IoOwner owner = file.ioOwner();
              int signal = owner.signal();
              tell(
                  kernel.tasks(),
                  owner,
                  signal == 0
                      ? SigInfo.kernel(Signal.SIGIO)
                      : SigInfo.poll(signal, POLL_MSG, BAND_MSG, fd));
            });
  }

  private static void tell(TaskSet tasks, IoOwner owner, SigInfo info) {
    synchronized (tasks) {
      if (owner.type() == IoOwner.PGRP) {
        ProcessGroup group = tasks.findProcessGroup(owner.id());
        for (ThreadGroup member :
            group == null ? List.<ThreadGroup>of() : List.copyOf(group.members())) {
          tell(member.leader(), member, owner, info);
        }
        return;
      }
      Task task = tasks.find(owner.id());
      if (task != null) {
        tell(task, owner.type() == IoOwner.TID ? null : task.group(), owner, info);
      }
    }
  }

  /** Linux: send_sigio_to_task() with its sigio_perm(). */
  private static void tell(Task task, @Nullable ThreadGroup group, IoOwner owner, SigInfo info) {
    int uid = task.credentials().uid();
    int saved = task.credentials().suid();
    boolean allowed =
        owner.euid() == 0
            || owner.euid() == saved
            || owner.euid() == uid
            || owner.uid() == saved
            || owner.uid() == uid;
    if (!allowed || !Signals.isWithin(owner.domain(), task)) {
      return;
    }
    if (group == null) {
      Signals.send(task, info);
    } else {
      Signals.send(group, info);
    }
  }
}
