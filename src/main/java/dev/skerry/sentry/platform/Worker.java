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

  Worker(String name, NotifyPlatform platform, PlatformListener listener, Reception reception) {
    super(name);
    this.platform = platform;
    this.listener = listener;
    this.reception = reception;
  }

  @Override
  protected void beforeSleep() {
    platform.receiveMeanwhile();
  }

  @Override
  protected void loop() {
    long[] notification = new long[VALUES];
    try {
      while (true) {
        reception.enter();
        int result = host.notifyReceive(platform.listenerFd(), notification);
        reception.leave();
        if (result == 0) {
          begin();
          platform.serve(notification);
          listener.served();
          end();
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
