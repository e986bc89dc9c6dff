package dev.skerry.service.lifecycle;

import dev.skerry.control.ExitRecord;
import dev.skerry.control.Verdict;
import dev.skerry.service.host.ControlGroups;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Finds out how a sandbox ended, and removes what is left of it. */
final class Conclusion {
  /** How long sentry, init and monitor may take to follow each other. */
  private static final Duration GRACE = Duration.ofSeconds(1);

  private static final int MOST_REASON = 3000;

  private final SandboxFiles files;
  private final SandboxRecord record;

  Conclusion(SandboxFiles files, SandboxRecord record) {
    this.files = files;
    this.record = record;
  }

  /** How and when it ended. */
  record Outcome(ExitRecord exit, Instant when, @Nullable Instant firstOutput) {}

  /** Waits for the processes' end, and brings it about if need be. */
  void endProcesses() throws InterruptedException {
    if (!Remains.awaitEnd(record, GRACE) || record.monitor() == null) {
      Remains.kill(files, record);
    }
  }

  /**
   * Judges a run whose processes have gone, and sees to it that the spool ends with an exit record.
   *
   * @param said what the sentry said last; null if nothing
   * @param intent why the service ended it, if it did
   * @param circumstance how its end was noticed
   */
  Outcome judge(@Nullable ExitRecord said, @Nullable ExitRecord intent, String circumstance)
      throws IOException {
    SpoolEnd end = SpoolEnd.read(files.spool());
    ExitRecord exit = said != null ? said : end.exit();
    Instant when = end.exitTime() != null ? end.exitTime() : Instant.now();
    boolean memoryRanOut = memoryKills() > 0;
    if (exit == null) {
      exit = intent != null ? intent : unexplained(memoryRanOut, circumstance);
      end.append(files.spool(), exit, when);
    } else if (exit.killedByHost() && memoryRanOut && isOrdinary(exit.verdict())) {
      exit =
          new ExitRecord(
              Verdict.OOM,
              exit.exitCode(),
              exit.signal(),
              "the memory limit was reached",
              true,
              exit.cpuNanos(),
              exit.wallNanos());
    }
    return new Outcome(exit, when, end.firstOutput());
  }

  private static boolean isOrdinary(Verdict verdict) {
    return verdict == Verdict.EXITED || verdict == Verdict.SIGNALED;
  }

  private long memoryKills() {
    return ControlGroups.recordedMemoryKills(files.memoryEvents())
        + ControlGroups.memoryKills(record.cgroups());
  }

  /**
   * The sentry went without a word: for want of memory, which is the guest's doing, or else a
   * fault.
   */
  private ExitRecord unexplained(boolean memoryRanOut, String circumstance) {
    String log = files.logTail();
    String reason = log.isEmpty() ? circumstance : circumstance + "; the log ends with: " + log;
    String bounded = reason.substring(0, Math.min(reason.length(), MOST_REASON));
    Instant began = record.startedAt();
    long wall = began == null ? 0 : Duration.between(began, Instant.now()).toNanos();
    Verdict verdict = memoryRanOut ? Verdict.OOM : Verdict.INFRA_ERROR;
    return new ExitRecord(verdict, -1, 0, bounded, memoryRanOut, 0, wall);
  }
}
