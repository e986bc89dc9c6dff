package dev.skerry.service.metrics;

import dev.skerry.control.Reply;
import dev.skerry.control.Verdict;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Supplier;

/** The meters of sandboxes. */
@Singleton
public class SandboxMeters {
  /** A part of a sandbox's start. */
  public enum Phase {
    /** From the request to a listening control socket: cgroups, namespaces, two processes. */
    LAUNCH,
    /** From there to a prepared container: two JVMs boot, mounts are made. */
    CREATE,
    /** From the request to start to the first process's first instruction. */
    START,
    /** From there to the first byte of output. */
    FIRST_OUTPUT
  }

  private final MeterRegistry registry;

  @Inject
  public SandboxMeters(MeterRegistry registry) {
    this.registry = registry;
  }

  /** Shows how many sandboxes are in a state. */
  public void showState(String state, Supplier<Number> count) {
    Gauge.builder("skerry.sandboxes", count)
        .description("Sandboxes by state")
        .tag("state", state)
        .register(registry);
  }

  public void phase(Phase phase, Duration took) {
    Timer.builder("skerry.start.phase")
        .description("How long the parts of a sandbox's start take")
        .tag("phase", lower(phase))
        .publishPercentileHistogram()
        .minimumExpectedValue(Duration.ofMillis(1))
        .maximumExpectedValue(Duration.ofSeconds(30))
        .register(registry)
        .record(took);
  }

  public void ended(Verdict verdict) {
    Counter.builder("skerry.exits")
        .description("Sandboxes that ended, by verdict")
        .tag("verdict", lower(verdict))
        .register(registry)
        .increment();
  }

  /** Adds what a sandbox's sentry has served since it was asked last. */
  public void syscalls(Reply.SyscallCount more) {
    count(more.name(), "error", more.failed());
    count(more.name(), "ok", more.count() - more.failed());
  }

  private void count(String name, String outcome, long more) {
    if (more > 0) {
      Counter.builder("skerry.syscalls")
          .description("System calls of guests, by name and outcome")
          .tags("name", name, "outcome", outcome)
          .register(registry)
          .increment((double) more);
    }
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
