package dev.skerry.service.config;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithName;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Everything that an operator can set, as system properties, in {@code application.properties}, or
 * as environment variables ({@code SKERRY_ROOTFS_HOST} for {@code skerry.rootfs.host}). Sizes are
 * numbers of bytes or have a suffix (K, M, G); durations are ISO-8601 or short (30s, 5m, 1d).
 */
@ConfigMapping(prefix = "skerry")
public interface SkerryConfig {
  /**
   * {@code skerry.home}: the directory with {@code skerry-sentry.jar}, {@code skerry-gofer.jar},
   * {@code native/} and, if made, the AOT caches. Nothing runs without it.
   */
  Optional<Path> home();

  /**
   * {@code skerry.data}: where token and sandboxes are kept. By default {@code skerry} below {@code
   * $XDG_STATE_HOME}, or below {@code ~/.local/state}.
   */
  Optional<Path> data();

  /** {@code skerry.java-home}: the JDK of sentry and gofer; by default the service's own. */
  @WithName("java-home")
  Optional<Path> javaHome();

  /**
   * {@code skerry.source}: the source tree, for the command line's bench; the service has no use of
   * it.
   */
  Optional<Path> source();

  Http http();

  Rootfs rootfs();

  Limits limits();

  Sandbox sandbox();

  /** Who may talk to the service, beside the rule that a token is needed. */
  interface Http {
    /**
     * {@code skerry.http.allowed-hosts}: host names that requests may carry in Host, beside
     * localhost, 127.0.0.1 and [::1].
     */
    @WithName("allowed-hosts")
    Optional<Set<String>> allowedHosts();

    /**
     * {@code skerry.http.allowed-origins}: origins (scheme://host:port) that requests may carry in
     * Origin, beside the service's own.
     */
    @WithName("allowed-origins")
    Optional<Set<String>> allowedOrigins();
  }

  /** What a sandbox may be given as its root. */
  interface Rootfs {
    /**
     * {@code skerry.rootfs.host}: whether the machine's own root may be used, read-only, overlaid.
     */
    @WithDefault("false")
    boolean host();

    /**
     * {@code skerry.rootfs.directories}: root file systems and the sources of bind mounts lie below
     * one of these. By default {@code rootfs} in the data directory.
     */
    Optional<List<Path>> directories();
  }

  /** Limits of one sandbox where its spec says nothing, and of the service. */
  interface Limits {
    /** {@code skerry.limits.memory}: of the guest's processes and its tmpfs. */
    @WithDefault("2G")
    MemorySize memory();

    /** {@code skerry.limits.sentry-memory}: what the cgroup allows on top, for sentry and gofer. */
    @WithName("sentry-memory")
    @WithDefault("384M")
    MemorySize sentryMemory();

    /** {@code skerry.limits.tasks}: the guest's threads and processes at once. */
    @WithDefault("4096")
    int tasks();

    /** {@code skerry.limits.sentry-tasks}: what the cgroup allows on top, for sentry and gofer. */
    @WithName("sentry-tasks")
    @WithDefault("160")
    int sentryTasks();

    /** {@code skerry.limits.output}: bytes of standard output and error together. */
    @WithDefault("1G")
    MemorySize output();

    /** {@code skerry.limits.wall-time}: from creation to the end; none by default. */
    @WithName("wall-time")
    Optional<Duration> wallTime();

    /** {@code skerry.limits.sandboxes}: how many may live at once. */
    @WithDefault("256")
    int sandboxes();
  }

  /** How sandboxes are run. */
  interface Sandbox {
    /**
     * {@code skerry.sandbox.sentry-heap}: the most that the Java heap of a sentry grows to. A third
     * of it is for the names and attributes of files in memory, about 600 bytes each.
     */
    @WithName("sentry-heap")
    @WithDefault("512M")
    MemorySize sentryHeap();

    /** {@code skerry.sandbox.gofer-heap}: the Java heap of a gofer. */
    @WithName("gofer-heap")
    @WithDefault("32M")
    MemorySize goferHeap();

    /** {@code skerry.sandbox.channels}: connections between sentry and gofer, 1 to 8. */
    @WithDefault("2")
    int channels();

    /** {@code skerry.sandbox.start-timeout}: how long launch, creation and start may each take. */
    @WithName("start-timeout")
    @WithDefault("30s")
    Duration startTimeout();

    /** {@code skerry.sandbox.retention}: how long an ended sandbox's output and record are kept. */
    @WithDefault("1d")
    Duration retention();

    /**
     * {@code skerry.sandbox.watchdog}: how long a sentry may serve one call of a guest's before its
     * log tells of it; 0s for ever.
     */
    @WithDefault("30s")
    Duration watchdog();

    /** {@code skerry.sandbox.watchdog-ends}: whether such a call ends its sandbox. */
    @WithName("watchdog-ends")
    @WithDefault("false")
    boolean watchdogEnds();

    /**
     * {@code skerry.sandbox.end-with-service}: whether sandboxes end when the service does, however
     * it ends, and do not wait for the next one.
     */
    @WithName("end-with-service")
    @WithDefault("false")
    boolean endWithService();
  }
}
