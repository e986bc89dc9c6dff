package dev.skerry.sentry.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skerry.sentry.platform.GuestThread;
import dev.skerry.sentry.platform.Platform;
import dev.skerry.sentry.platform.PlatformListener;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * C94: a call that the sentry does not get done with is told, once, and ends the sandbox if wanted.
 */
class WatchdogTest {
  private final CountDownLatch release = new CountDownLatch(1);
  private final StuckPlatform platform = new StuckPlatform();
  private final List<String> logged = new ArrayList<>();
  private final List<String> ended = new ArrayList<>();

  /** A platform of which one worker may be stuck. */
  private static final class StuckPlatform implements Platform {
    private final List<Thread> stuck = new ArrayList<>();
    private long asked;

    @Override
    public void start(GuestThread.ChildFactory first, PlatformListener listener) {
      throw new IllegalStateException("no guests");
    }

    @Override
    public void killAll() {}

    @Override
    public List<Thread> stuck(long nanos) {
      asked = nanos;
      return List.copyOf(stuck);
    }

    @Override
    public long reservedStart() {
      return 0;
    }

    @Override
    public long reservedEnd() {
      return 0;
    }
  }

  @AfterEach
  void letGo() {
    release.countDown();
  }

  private Thread stuckWorker() throws InterruptedException {
    CountDownLatch there = new CountDownLatch(1);
    Thread worker = new Thread(() -> servesForEver(there), "worker-7");
    worker.setDaemon(true);
    worker.start();
    there.await();
    while (worker.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    return worker;
  }

  private void servesForEver(CountDownLatch there) {
    there.countDown();
    try {
      release.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Watchdog watchdog(boolean ends) {
    Options options = new Options(1, 1, false, 2, ends);
    return new Watchdog(platform, options, logged::add, ended::add);
  }

  @Test
  void aStuckCallIsLoggedOnceWithItsStack() throws InterruptedException {
    Watchdog watchdog = watchdog(false);
    watchdog.look();
    assertEquals(List.of(), logged);
    platform.stuck.add(stuckWorker());
    watchdog.look();
    watchdog.look();
    assertEquals(2_000_000_000L, platform.asked);
    assertEquals(1, logged.size());
    assertTrue(
        logged.getFirst().startsWith("watchdog: worker-7 has served one call"), logged::toString);
    assertTrue(logged.getFirst().contains("servesForEver"), logged::toString);
    assertEquals(List.of(), ended);
  }

  @Test
  void itIsToldAgainAfterItHasGoneOn() throws InterruptedException {
    Watchdog watchdog = watchdog(false);
    platform.stuck.add(stuckWorker());
    watchdog.look();
    Thread worker = platform.stuck.removeFirst();
    watchdog.look();
    platform.stuck.add(worker);
    watchdog.look();
    assertEquals(2, logged.size());
  }

  @Test
  void itEndsTheSandboxIfItIsTo() throws InterruptedException {
    Watchdog watchdog = watchdog(true);
    platform.stuck.add(stuckWorker());
    watchdog.look();
    assertEquals(List.of("a system call is stuck in the sentry"), ended);
  }
}
