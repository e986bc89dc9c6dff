package dev.skerry.sentry.platform;

import dev.skerry.hostos.Host;
import dev.skerry.hostos.HostOs;
import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Guests are host processes under a seccomp filter whose notifications arrive here (seccomp(2),
 * seccomp_unotify(2)).
 */
public final class NotifyPlatform implements Platform {
  private static final int NOTIFICATION_SIZE = 80;
  private static final int ID = 0;
  private static final int PID = 8;
  private static final int NUMBER = 16;
  private static final int INSTRUCTION_POINTER = 24;
  private static final int ARGUMENTS = 32;

  private static final long SWEEP_MILLIS = 200;

  private final HostOs host = Host.os();
  private final int listenerFd;
  private final int stubFd;
  private final int workers;
  private final ConcurrentHashMap<Integer, NotifyThread> threads = new ConcurrentHashMap<>();
  private final Clones clones = new Clones();
  private GuestThread.@Nullable ChildFactory first;
  private @Nullable PlatformListener listener;

  /**
   * @param listenerFd of the seccomp filter
   * @param stubFd the stub's executable
   * @param workers how many threads receive
   */
  public NotifyPlatform(int listenerFd, int stubFd, int workers) {
    this.listenerFd = listenerFd;
    this.stubFd = stubFd;
    this.workers = workers;
  }

  @Override
  public void start(GuestThread.ChildFactory firstProgram, PlatformListener platformListener) {
    first = firstProgram;
    listener = platformListener;
    // Without it (before Linux 6.6) all works, only slower.
    host.notifySetSync(listenerFd);
    for (int i = 0; i < workers; i++) {
      daemon(this::work, "worker-" + i);
    }
    daemon(this::sweep, "sweeper");
  }

  private static void daemon(Runnable body, String name) {
    Thread thread = new Thread(body, name);
    thread.setDaemon(true);
    thread.start();
  }

  private PlatformListener listener() {
    PlatformListener present = listener;
    if (present == null) {
      throw new IllegalStateException("not started");
    }
    return present;
  }

  private void work() {
    MemorySegment notification = Arena.global().allocate(NOTIFICATION_SIZE, Long.BYTES);
    while (true) {
      int result = host.notifyReceive(listenerFd, notification.address());
      if (result == -Errno.EINTR || result == -Errno.ENOENT) {
        continue;
      }
      if (result < 0) {
        listener().failure(new IllegalStateException("notifications: " + Errno.name(-result)));
        return;
      }
      try {
        serve(notification);
        listener().served();
      } catch (RuntimeException | Error e) {
        listener().failure(e);
        return;
      }
    }
  }

  private void serve(MemorySegment from) {
    long id = from.get(ValueLayout.JAVA_LONG, ID);
    int pid = from.get(ValueLayout.JAVA_INT, PID);
    int number = from.get(ValueLayout.JAVA_INT, NUMBER);
    long instructionPointer = from.get(ValueLayout.JAVA_LONG, INSTRUCTION_POINTER);
    long[] arguments = new long[6];
    for (int i = 0; i < arguments.length; i++) {
      arguments[i] = from.get(ValueLayout.JAVA_LONG, ARGUMENTS + 8L * i);
    }
    NotifyThread thread = threads.get(pid);
    if (thread != null && !thread.isDead()) {
      thread.notified(id, number, instructionPointer, arguments);
    } else {
      stranger(id, pid, number, instructionPointer, arguments, thread != null);
    }
  }

  /** A call of a thread that is not known, or no longer. */
  private void stranger(
      long id, int pid, int number, long instructionPointer, long[] arguments, boolean wasKnown) {
    if (first != null && number == Syscall.EXECVEAT && threads.isEmpty()) {
      NotifyThread thread = NotifyThread.first(this, pid);
      thread.setProgram(first.program(thread));
      threads.put(pid, thread);
      first = null;
      thread.continueFirstExecute(id);
      return;
    }
    if (NotifyThread.isFirstWord(number, instructionPointer, arguments)) {
      NotifyThread child = clones.claim(pid);
      if (child != null) {
        threads.put(pid, child);
        clones.childBegan();
        child.begin(id);
        return;
      }
    }
    // A thread that is being killed may still come along.
    if (!wasKnown && host.notifyIdValid(listenerFd, id) == 0) {
      listener().violation(Syscall.name(number) + " by an unknown process");
    }
  }

  /** Looks for guest processes that the host has killed, for want of memory mostly. */
  private void sweep() {
    while (true) {
      try {
        Thread.sleep(SWEEP_MILLIS);
      } catch (InterruptedException e) {
        return;
      }
      for (NotifyThread thread : threads.values()) {
        if (!thread.isDead() && host.kill(thread.hostTgid(), 0) == -Errno.ESRCH) {
          forget(thread);
          thread.markDead();
          clones.parentGone(thread);
          try {
            thread.program().gone();
            listener().served();
          } catch (RuntimeException | Error e) {
            listener().failure(e);
          }
        }
      }
    }
  }

  int listenerFd() {
    return listenerFd;
  }

  int stubFd() {
    return stubFd;
  }

  Clones clones() {
    return clones;
  }

  void violation(NotifyThread thread, String attempt) {
    if (!thread.isDead()) {
      listener().violation(attempt);
    }
  }

  /** The thread is about to execute a program: its process's others end, and it may change its id. */
  void executing(NotifyThread executing) {
    for (NotifyThread thread : threads.values()) {
      if (thread != executing && thread.hostTgid() == executing.hostTgid()) {
        thread.markDead();
      }
    }
    threads.put(executing.hostTgid(), executing);
  }

  /** The thread has its new program, under its process's id. */
  void executed(NotifyThread thread) {
    if (thread.hostTid() != thread.hostTgid()) {
      threads.remove(thread.hostTid(), thread);
    }
    threads.values().removeIf(other -> other.isDead() && other.hostTgid() == thread.hostTgid());
  }

  void forget(NotifyThread thread) {
    threads.remove(thread.hostTid(), thread);
  }

  /** Every thread of the process is as good as dead; what they still say is not heard. */
  void forgetProcess(int hostTgid) {
    for (NotifyThread thread : threads.values()) {
      if (thread.hostTgid() == hostTgid) {
        thread.markDead();
        forget(thread);
        clones.parentGone(thread);
      }
    }
  }

  @Override
  public void killAll() {
    for (NotifyThread thread : threads.values()) {
      thread.killProcess();
    }
  }

  @Override
  public long reservedStart() {
    return StubLayout.BASE;
  }

  @Override
  public long reservedEnd() {
    return StubLayout.END;
  }
}
