package dev.skerry.sentry.boot;

import dev.skerry.sentry.platform.Platform;
import java.util.HashSet;
import java.util.Set;

/** Notices guest calls that the sentry does not get done with. Calls that wait are served no more. */
final class Watchdog {
  private static final long NANOS = 1_000_000_000;
  private static final int LOOKS = 4;

  private final Platform platform;
  private final Sandbox sandbox;
  private final Options options;
  private final Set<Thread> told = new HashSet<>();

  Watchdog(Platform platform, Sandbox sandbox, Options options) {
    this.platform = platform;
    this.sandbox = sandbox;
    this.options = options;
  }

  void start() {
    if (options.watchdogSeconds() > 0) {
      Thread thread = new Thread(this::loop, "watchdog");
      thread.setDaemon(true);
      thread.start();
    }
  }

  private void loop() {
    try {
      while (true) {
        Thread.sleep(options.watchdogSeconds() * 1000L / LOOKS);
        look();
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts the watchdog", e);
    }
  }

  private void look() {
    Set<Thread> stuck = new HashSet<>(platform.stuck(options.watchdogSeconds() * NANOS));
    for (Thread thread : stuck) {
      if (told.add(thread)) {
        log(thread);
        if (options.watchdogEnds()) {
          sandbox.fail("a system call is stuck in the sentry", null);
        }
      }
    }
    told.retainAll(stuck);
  }

  private void log(Thread thread) {
    StringBuilder text = new StringBuilder();
    text.append("watchdog: ").append(thread.getName()).append(" has served one call for more than ");
    text.append(options.watchdogSeconds()).append(" s\n");
    for (StackTraceElement frame : thread.getStackTrace()) {
      text.append("\tat ").append(frame).append('\n');
    }
    System.err.print(text);
  }
}
