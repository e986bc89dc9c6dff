package dev.skerry.service.lifecycle;

import dev.skerry.oci.Problem;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What stays the same for a sandbox's whole life.
 *
 * @param deadline when it must have ended; null for never
 * @param warnings what of the request is ignored
 */
public record SandboxSettings(
    Map<String, String> labels,
    RootFs rootfs,
    boolean terminal,
    Instant createdAt,
    @Nullable Instant deadline,
    List<Problem> warnings) {

  SandboxSettings withWarnings(List<Problem> all) {
    return new SandboxSettings(labels, rootfs, terminal, createdAt, deadline, all);
  }
}
