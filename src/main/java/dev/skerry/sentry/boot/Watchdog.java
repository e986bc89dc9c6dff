package dev.skerry.sentry.boot;

import dev.skerry.sentry.waiter.ServingThread;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * Notices what the sentry does not get done with: guests' calls, deadlines, requests from outside.
 * Calls that wait are not being served.
 */
final class Watchdog {
  private static final long NANOS = 1_000_000_000;
  private static final int LOOKS = 4;

  private final Options options;
  private final Consumer<String> log;
  private final Consumer<String> failure;
  private final Set<Thread> told = new HashSet<>();

  /**
   * @param log takes a text of several lines
   * @param failure ends the sandbox, for the reason given
   */
  Watchdog(Options options, Consumer<String> log, Consumer<String> failure) {
    this.options = options;
    this.log = log;
    this.failure = failure;
  }

  void start() {
    if (options.watchdogSeconds() > 0) {
      Thread thread = new Thread(this::loop, "watchdog");
      thread.setDaemon(true);
      thread.start();
    }
  }

  private void loop() {
    while (true) {
      LockSupport.parkNanos(this, options.watchdogSeconds() * NANOS / LOOKS);
      look();
    }
  }

  void look() {
    Set<Thread> stuck = new HashSet<>(ServingThread.stuck(options.watchdogSeconds() * NANOS));
    for (Thread thread : stuck) {
      if (told.add(thread)) {
        log.accept(text(thread));
        if (options.watchdogEnds()) {
          failure.accept(thread.getName() + " is stuck in the sentry");
        }
      }
    }
    told.retainAll(stuck);
  }

  private String text(Thread thread) {
    StringBuilder text = new StringBuilder();
    text.append("watchdog: ")
        .append(thread.getName())
        .append(" has served one thing for more than ");
    text.append(options.watchdogSeconds()).append(" s\n");
    for (StackTraceElement frame : thread.getStackTrace()) {
      text.append("\tat ").append(frame).append('\n');
    }
    return text.toString();
  }
}
