package dev.skerry.sentry.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skerry.sentry.waiter.ServingThread;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * C94: a service that the sentry does not get done with is told, once, and ends the sandbox if
 * wanted.
 */
class WatchdogTest {
  private static final long PATIENCE_MILLIS = 1200;

  private final Server server = new Server();
  private final List<String> logged = new ArrayList<>();
  private final List<String> ended = new ArrayList<>();

  /** Serves for as long as the test wants. */
  private static final class Server extends ServingThread {
    private final Semaphore begin = new Semaphore(0);
    private final Semaphore begun = new Semaphore(0);
    private final Semaphore end = new Semaphore(0);
    private final Semaphore ended = new Semaphore(0);

    Server() {
      super("server-7");
    }

    @Override
    protected void loop() {
      while (!isInterrupted()) {
        begin.acquireUninterruptibly();
        begin();
        begun.release();
        servesForEver();
        end();
        ended.release();
      }
    }

    private void servesForEver() {
      end.acquireUninterruptibly();
    }

    void getStuck() {
      begin.release();
      begun.acquireUninterruptibly();
    }

    void goOn() {
      end.release();
      ended.acquireUninterruptibly();
    }
  }

  @AfterEach
  void letGo() {
    server.interrupt();
    server.begin.release();
    server.end.release(2);
  }

  private Watchdog watchdog(boolean ends) {
    server.start();
    return new Watchdog(new Options(1, 1, false, 1, ends, false), logged::add, ended::add);
  }

  @Test
  void aStuckServiceIsLoggedOnceWithItsStack() throws InterruptedException {
    Watchdog watchdog = watchdog(false);
    server.getStuck();
    watchdog.look();
    assertEquals(List.of(), logged);
    Thread.sleep(PATIENCE_MILLIS);
    watchdog.look();
    watchdog.look();
    assertEquals(1, logged.size());
    assertTrue(
        logged.getFirst().startsWith("watchdog: server-7 has served one thing"), logged::toString);
    assertTrue(logged.getFirst().contains("servesForEver"), logged::toString);
    assertEquals(List.of(), ended);
  }

  @Test
  void itIsToldAgainAfterItHasGoneOn() throws InterruptedException {
    Watchdog watchdog = watchdog(false);
    server.getStuck();
    Thread.sleep(PATIENCE_MILLIS);
    watchdog.look();
    server.goOn();
    watchdog.look();
    server.getStuck();
    watchdog.look();
    assertEquals(1, logged.size());
    Thread.sleep(PATIENCE_MILLIS);
    watchdog.look();
    assertEquals(2, logged.size());
  }

  @Test
  void itEndsTheSandboxIfItIsTo() throws InterruptedException {
    Watchdog watchdog = watchdog(true);
    server.getStuck();
    Thread.sleep(PATIENCE_MILLIS);
    watchdog.look();
    assertEquals(List.of("server-7 is stuck in the sentry"), ended);
  }
}
