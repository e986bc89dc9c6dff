package dev.skerry.service.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.skerry.abi.Signal;
import dev.skerry.control.ExitRecord;
import dev.skerry.control.Reply;
import dev.skerry.oci.Problem;
import dev.skerry.service.lifecycle.RootFs;
import dev.skerry.service.lifecycle.SandboxRecord;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** A sandbox as clients see it. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@Schema(name = "Sandbox", description = "A sandbox. Fields that have no value yet are left out.")
public record SandboxView(
    @Schema(examples = "k3v7qjx2mzt5w4ynb6ra") String id,
    @Schema(enumeration = {"creating", "created", "running", "stopped"}) String state,
    @Schema(description = "As they were given.") Map<String, String> labels,
    RootFs rootfs,
    Instant createdAt,
    @Nullable Instant startedAt,
    @Nullable Instant finishedAt,
    @Schema(description = "When the run is ended with the verdict wall_timeout.")
        @Nullable Instant deadline,
    @Nullable Exit exit,
    @Schema(description = "What of the request has no effect, by JSON pointer.")
        List<Problem> warnings,
    @Schema(description = "Calls that the program wanted and the sandbox does not have.")
        List<Reply.Gap> compatibility,
    @Nullable Usage usage) {

  /** How it ended. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(
      name = "Exit",
      description = "How it ended, as the sandbox saw it, never as the program says.")
  public record Exit(
      @Schema(
              enumeration = {
                "exited",
                "signaled",
                "oom",
                "wall_timeout",
                "cpu_timeout",
                "output_limit",
                "disk_quota",
                "policy_denied",
                "cancelled",
                "infra_error"
              })
          String verdict,
      @Schema(description = "Of the first process, if it exited.", examples = "0")
          @Nullable Integer exitCode,
      @Schema(description = "That ended the first process.", examples = "SIGKILL")
          @Nullable String signal,
      @Schema(description = "For a person.") @Nullable String reason) {

    /** The number of {@link #signal}; 0 if there is none. */
    public int signalNumber() {
      return signal == null ? 0 : SignalNames.number(signal);
    }
  }

  /** What it used. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(name = "Usage", description = "What the sandbox used, known after its end.")
  public record Usage(
      @Schema(type = SchemaType.NUMBER, examples = "0.25") @Nullable Double cpuSeconds,
      @Schema(type = SchemaType.NUMBER, examples = "1.5") @Nullable Double wallSeconds,
      @Schema(description = "Sentry and gofer included.") @Nullable Long memoryPeakBytes) {}

  public static SandboxView of(SandboxRecord record) {
    ExitRecord exit = record.exit();
    return new SandboxView(
        record.id(),
        record.state().lowerCase(),
        record.settings().labels(),
        record.settings().rootfs(),
        record.settings().createdAt(),
        record.startedAt(),
        record.finishedAt(),
        record.settings().deadline(),
        exit == null ? null : exit(exit),
        record.settings().warnings(),
        record.gaps(),
        usage(record));
  }

  private static Exit exit(ExitRecord exit) {
    return new Exit(
        exit.verdict().name().toLowerCase(Locale.ROOT),
        exit.exitCode() < 0 ? null : exit.exitCode(),
        Signal.isValid(exit.signal()) ? SignalNames.name(exit.signal()) : null,
        exit.reason().isEmpty() ? null : exit.reason());
  }

  private static @Nullable Usage usage(SandboxRecord record) {
    ExitRecord exit = record.exit();
    Long peak = record.memoryPeakBytes() > 0 ? record.memoryPeakBytes() : null;
    if (exit == null) {
      return peak == null ? null : new Usage(null, null, peak);
    }
    return new Usage(exit.cpuNanos() / 1e9, exit.wallNanos() / 1e9, peak);
  }
}
