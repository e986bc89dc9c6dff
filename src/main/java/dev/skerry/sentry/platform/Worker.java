package dev.skerry.sentry.platform;

import dev.skerry.abi.Errno;
import dev.skerry.hostos.Host;
import dev.skerry.hostos.HostOs;
import dev.skerry.sentry.waiter.ServingThread;
import java.util.concurrent.locks.LockSupport;

/** Receives notifications, and serves each before it receives the next. */
final class Worker extends ServingThread {
  private static final int VALUES = 10;
  private static final long IDLE_NANOS = 20_000_000;

  private final NotifyPlatform platform;
  private final PlatformListener listener;
  private final Reception reception;
  private final HostOs host = Host.os();

  /** When the present service began, in the time of {@link System#nanoTime}; 0 for none. */
  private volatile long since;

  Worker(String name, NotifyPlatform platform, PlatformListener listener, Reception reception) {
    super(name);
    this.platform = platform;
    this.listener = listener;
    this.reception = reception;
  }

  /** Whether it has been busy with one notification for longer. */
  boolean isServingLongerThan(long nanos) {
    long begun = since;
    return begun != 0 && System.nanoTime() - begun > nanos;
  }

  boolean isServing() {
    return since != 0;
  }

  @Override
  protected void beforeSleep() {
    platform.receiveMeanwhile();
  }

  @Override
  public void run() {
    long[] notification = new long[VALUES];
    try {
      while (true) {
        reception.enter();
        int result = host.notifyReceive(platform.listenerFd(), notification);
        reception.leave();
        if (result == 0) {
          since = System.nanoTime() | 1;
          platform.serve(notification);
          listener.served();
          since = 0;
        } else if (result == -Errno.ENOENT) {
          // The caller was killed before it was received, or there is no guest any more.
          rest();
        } else if (result != -Errno.EINTR) {
          throw new IllegalStateException("notifications: " + Errno.name(-result));
        }
      }
    } catch (RuntimeException | Error e) {
      listener.failure(e);
    }
  }

  private void rest() {
    if (!platform.hasGuests()) {
      platform.noGuests();
      LockSupport.parkNanos(this, IDLE_NANOS);
    }
  }
}
