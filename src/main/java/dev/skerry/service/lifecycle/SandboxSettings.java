package dev.skerry.service.lifecycle;

import dev.skerry.oci.Problem;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What stays the same for a sandbox's whole life.
 *
 * @param outputLimit bytes of standard output and error together; 0 for no limit
 * @param deadline when it must have ended; null for never
 * @param warnings what of the request is ignored
 */
public record SandboxSettings(
    Map<String, String> labels,
    RootFs rootfs,
    boolean terminal,
    long outputLimit,
    Instant createdAt,
    @Nullable Instant deadline,
    List<Problem> warnings) {

  SandboxSettings withWarnings(List<Problem> all) {
    return new SandboxSettings(labels, rootfs, terminal, outputLimit, createdAt, deadline, all);
  }
}
