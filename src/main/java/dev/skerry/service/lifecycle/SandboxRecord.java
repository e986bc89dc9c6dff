package dev.skerry.service.lifecycle;

import dev.skerry.control.ExitRecord;
import dev.skerry.control.Reply;
import dev.skerry.service.host.ProcessIdentity;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A sandbox at one moment, as {@code sandbox.json} keeps it.
 *
 * @param exit how it ended; null before
 * @param gaps calls that the guest wanted and the sentry does not have
 * @param memoryPeakBytes 0 if it is not known
 * @param cgroups its directories
 * @param monitor the launcher's outermost process; null before it is known
 * @param init process 1 of the sandbox's PID namespace; likewise
 */
public record SandboxRecord(
    String id,
    SandboxSettings settings,
    SandboxState state,
    @Nullable Instant startedAt,
    @Nullable Instant finishedAt,
    @Nullable ExitRecord exit,
    List<Reply.Gap> gaps,
    long memoryPeakBytes,
    List<Path> cgroups,
    @Nullable ProcessIdentity monitor,
    @Nullable ProcessIdentity init) {

  static SandboxRecord creating(String id, SandboxSettings settings) {
    return new SandboxRecord(
        id, settings, SandboxState.CREATING, null, null, null, List.of(), 0, List.of(), null, null);
  }

  SandboxRecord withState(SandboxState next) {
    return new SandboxRecord(
        id,
        settings,
        next,
        startedAt,
        finishedAt,
        exit,
        gaps,
        memoryPeakBytes,
        cgroups,
        monitor,
        init);
  }

  SandboxRecord withSettings(SandboxSettings next) {
    return new SandboxRecord(
        id,
        next,
        state,
        startedAt,
        finishedAt,
        exit,
        gaps,
        memoryPeakBytes,
        cgroups,
        monitor,
        init);
  }

  SandboxRecord withCgroups(List<Path> directories) {
    return new SandboxRecord(
        id,
        settings,
        state,
        startedAt,
        finishedAt,
        exit,
        gaps,
        memoryPeakBytes,
        directories,
        monitor,
        init);
  }

  SandboxRecord withProcesses(@Nullable ProcessIdentity outer, @Nullable ProcessIdentity inner) {
    return new SandboxRecord(
        id,
        settings,
        state,
        startedAt,
        finishedAt,
        exit,
        gaps,
        memoryPeakBytes,
        cgroups,
        outer,
        inner);
  }

  SandboxRecord started(Instant when) {
    SandboxState next = state == SandboxState.STOPPED ? state : SandboxState.RUNNING;
    return new SandboxRecord(
        id, settings, next, when, finishedAt, exit, gaps, memoryPeakBytes, cgroups, monitor, init);
  }

  SandboxRecord withGaps(List<Reply.Gap> found) {
    return new SandboxRecord(
        id,
        settings,
        state,
        startedAt,
        finishedAt,
        exit,
        found,
        memoryPeakBytes,
        cgroups,
        monitor,
        init);
  }

  SandboxRecord withMemoryPeak(long bytes) {
    return new SandboxRecord(
        id,
        settings,
        state,
        startedAt,
        finishedAt,
        exit,
        gaps,
        Math.max(memoryPeakBytes, bytes),
        cgroups,
        monitor,
        init);
  }

  SandboxRecord stopped(ExitRecord how, Instant when) {
    return new SandboxRecord(
        id,
        settings,
        SandboxState.STOPPED,
        startedAt,
        when,
        how,
        gaps,
        memoryPeakBytes,
        cgroups,
        monitor,
        init);
  }
}
