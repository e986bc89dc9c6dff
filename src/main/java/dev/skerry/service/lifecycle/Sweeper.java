package dev.skerry.service.lifecycle;

import dev.skerry.control.Verdict;
import dev.skerry.service.config.SkerryConfig;
import io.quarkus.runtime.Startup;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Looks at every sandbox from time to time: whether its deadline has passed without its sentry's
 * acting on it, whether its processes are still there, whether it has been kept long enough, what
 * it counts.
 */
@Startup
@Singleton
class Sweeper {
  private static final Logger LOG = Logger.getLogger(Sweeper.class);
  private static final long PERIOD_MILLIS = 500;

  /** How much later than the sentry the service acts on a deadline. */
  private static final Duration BACKSTOP = Duration.ofSeconds(2);

  private static final int ROUNDS_PER_QUERY = 20;
  private static final Duration QUERY = Duration.ofSeconds(2);

  private final Sandboxes sandboxes;
  private final Duration retention;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("sweeper").factory());
  private final Set<String> atWork = ConcurrentHashMap.newKeySet();
  private long rounds;

  @Inject
  Sweeper(Sandboxes sandboxes, SkerryConfig config) {
    this.sandboxes = sandboxes;
    this.retention = config.sandbox().retention();
  }

  @PostConstruct
  void begin() {
    Future<?> _ =
        timer.scheduleWithFixedDelay(
            this::sweep, PERIOD_MILLIS, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
  }

  @PreDestroy
  void end() {
    timer.shutdownNow();
  }

  private void sweep() {
    try {
      rounds++;
      for (Sandbox sandbox : sandboxes.list()) {
        Work work = due(sandbox, Instant.now());
        if (work != null) {
          carryOut(sandbox.record().id(), work);
        }
      }
    } catch (RuntimeException e) {
      // The timer would never fire again.
      LOG.error("a sweep failed", e);
    }
  }

  private interface Work {
    void run() throws SandboxException, InterruptedException;
  }

  private @Nullable Work due(Sandbox sandbox, Instant now) {
    SandboxRecord record = sandbox.record();
    switch (record.state()) {
      case CREATING -> {
        return null;
      }
      case STOPPED -> {
        Instant finished = record.finishedAt();
        boolean old = finished != null && finished.plus(retention).isBefore(now);
        return old && sandbox.isSettled() ? () -> sandboxes.remove(sandbox) : null;
      }
      default -> {
        Instant deadline = record.settings().deadline();
        if (deadline != null && deadline.plus(BACKSTOP).isBefore(now)) {
          return () ->
              sandbox.end(Verdict.WALL_TIMEOUT, "the wall time is over", Sandboxes.PATIENCE);
        }
        if (!Remains.isAlive(record)) {
          return () -> sandbox.conclude(null, "the launcher's monitor has gone");
        }
        String overgrown = sandbox.overgrown();
        if (overgrown != null) {
          return () -> sandbox.conclude(null, "its " + overgrown + " grows beyond all bounds");
        }
        return rounds % ROUNDS_PER_QUERY == 0 ? () -> sandbox.query(QUERY) : null;
      }
    }
  }

  /** Not on the timer's thread: a sandbox that does not answer must not keep the others waiting. */
  private void carryOut(String id, Work work) {
    if (!atWork.add(id)) {
      return;
    }
    Thread.ofVirtual()
        .name("sweep-" + id)
        .start(
            () -> {
              try {
                work.run();
              } catch (SandboxException e) {
                LOG.errorf(e, "%s could not be swept", id);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              } finally {
                atWork.remove(id);
              }
            });
  }
}
