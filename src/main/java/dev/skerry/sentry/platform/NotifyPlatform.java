package dev.skerry.sentry.platform;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;
import dev.skerry.hostos.Host;
import dev.skerry.hostos.HostOs;
import dev.skerry.sentry.waiter.ServingThread;
import java.util.Arrays;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Guests are host processes under a seccomp filter whose notifications arrive here (seccomp(2),
 * seccomp_unotify(2)).
 */
public final class NotifyPlatform implements Platform {
  private static final int SIGKILL = 9;
  private static final long SWEEP_NANOS = 200_000_000;

  /**
   * How often the sweeper comes by before a clone that others wait for is overdue: half a minute.
   */
  private static final int SWEEPS_PER_CLONE = 150;

  private final HostOs host = Host.os();
  private final int listenerFd;
  private final int stubFd;
  private final Worker[] workers;
  private final Reception reception = new Reception();
  private final ConcurrentHashMap<Integer, NotifyThread> threads = new ConcurrentHashMap<>();
  private final Strangers strangers = new Strangers(this::isGuest);
  private final Clones clones = new Clones(strangers::suspect);
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
    this.workers = new Worker[workers];
  }

  @Override
  public void start(GuestThread.ChildFactory firstProgram, PlatformListener platformListener) {
    first = firstProgram;
    listener = platformListener;
    strangers.begin();
    // Without it (before Linux 6.6) all works, only slower.
    host.notifySetSync(listenerFd);
    for (int i = 0; i < workers.length; i++) {
      workers[i] = new Worker("worker-" + i, this, platformListener, reception);
    }
    for (Worker worker : workers) {
      worker.start();
    }
    new Sweeper().start();
  }

  private PlatformListener listener() {
    PlatformListener present = listener;
    if (present == null) {
      throw new IllegalStateException("not started");
    }
    return present;
  }

  /** Serves one notification; see {@link HostOs#notifyReceive}. */
  void serve(long[] notification) {
    long id = notification[0];
    int pid = (int) notification[1];
    int number = (int) notification[2];
    long instructionPointer = notification[3];
    long[] arguments = Arrays.copyOfRange(notification, 4, 10);
    NotifyThread thread = threads.get(pid);
    if (thread != null && !thread.isDead()) {
      thread.notified(id, number, instructionPointer, arguments);
    } else {
      stranger(id, pid, number, instructionPointer, arguments, thread != null);
    }
  }

  /** A worker is about to sleep: if a guest runs on, another worker had better receive. */
  void receiveMeanwhile() {
    if (reception.isTaken() || !guestCodeRuns()) {
      return;
    }
    for (Worker worker : workers) {
      if (!worker.isServing()) {
        LockSupport.unpark(worker);
        return;
      }
    }
  }

  private boolean guestCodeRuns() {
    for (NotifyThread thread : threads.values()) {
      if (!thread.isInside()) {
        return true;
      }
    }
    return false;
  }

  /** Whether any guest thread lives. */
  boolean hasGuests() {
    for (NotifyThread thread : threads.values()) {
      if (!thread.isDead()) {
        return true;
      }
    }
    return false;
  }

  /** The last guest is gone, and with it the listener's other end. */
  void noGuests() {
    if (first != null) {
      throw new IllegalStateException("the first guest process has gone");
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
    boolean begins = Clones.isFirstWord(number, instructionPointer, arguments);
    NotifyThread child = begins ? clones.claim(pid) : null;
    if (child != null) {
      threads.put(pid, child);
      clones.childBegan();
      child.begin(id);
      return;
    }
    // A thread that is being killed may still come along.
    if (wasKnown || host.notifyIdValid(listenerFd, id) != 0) {
      return;
    }
    if (begins) {
      // Its parent was killed when the host had been told to make it.
      host.kill(pid, SIGKILL);
    } else {
      listener().violation(Syscall.name(number) + " by an unknown process");
    }
  }

  /** Looks for guest processes that the host has killed, for want of memory mostly. */
  private final class Sweeper extends ServingThread {
    Sweeper() {
      super("sweeper");
    }

    @Override
    protected void loop() {
      while (true) {
        // Thread.sleep() would load classes that no archive holds.
        LockSupport.parkNanos(this, SWEEP_NANOS);
        begin();
        sweep();
        end();
      }
    }
  }

  /** Whether the process is a guest, or may be about to become one. */
  private boolean isGuest(int hostTgid) {
    for (NotifyThread thread : threads.values()) {
      if (thread.hostTgid() == hostTgid) {
        return true;
      }
    }
    return clones.mayBeChild(hostTgid);
  }

  private void sweep() {
    if (clones.overdue(SWEEPS_PER_CLONE) != null) {
      listener().violation("a clone that was ordered and is not made");
    }
    strangers.look();
    for (NotifyThread thread : threads.values()) {
      if (host.kill(thread.hostTgid(), 0) != -Errno.ESRCH) {
        continue;
      }
      forget(thread);
      thread.ended();
      if (!thread.isDead()) {
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

  /** The thread is about to execute a program: its process's others end. */
  void executing(NotifyThread executing) {
    for (NotifyThread thread : threads.values()) {
      if (thread != executing && thread.hostTgid() == executing.hostTgid()) {
        thread.markDead();
      }
    }
  }

  /** What the threads that an execve has ended were about to clone: they will say no more of it. */
  void endClones(NotifyThread executing) {
    for (NotifyThread thread : threads.values()) {
      if (thread != executing && thread.hostTgid() == executing.hostTgid()) {
        clones.parentGone(thread);
      }
    }
  }

  /** The thread executes a program now, and takes its process's id for its own. */
  void leads(NotifyThread executing) {
    NotifyThread before = threads.put(executing.hostTgid(), executing);
    if (before != null && before != executing) {
      before.ended();
    }
  }

  /** The thread has its new program, under its process's id. */
  void executed(NotifyThread thread) {
    if (thread.hostTid() != thread.hostTgid()) {
      threads.remove(thread.hostTid(), thread);
    }
    for (NotifyThread other : threads.values()) {
      if (other.isDead() && other.hostTgid() == thread.hostTgid()) {
        forget(other);
        other.ended();
      }
    }
  }

  void forget(NotifyThread thread) {
    threads.remove(thread.hostTid(), thread);
  }

  /**
   * Every thread of the process is as good as dead; what they still say is not heard. They stay
   * known until the host has let them go: else one that has just called would be taken for a
   * stranger.
   */
  void forgetProcess(int hostTgid) {
    for (NotifyThread thread : threads.values()) {
      if (thread.hostTgid() == hostTgid) {
        thread.markDead();
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
  public int threads() {
    return threads.size();
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
