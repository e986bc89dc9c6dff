package dev.skerry.service.lifecycle;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * What a sandbox has as its root.
 *
 * @param path null for the host's root
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RootFs(
    @Schema(
            description =
                "\"host\": the machine's own root, overlaid; \"directory\": that of path.")
        Type type,
    @Schema(description = "An absolute path of the host.", examples = "/srv/rootfs/busybox")
        @Nullable String path,
    @Schema(description = "Writes stay in the sandbox, and vanish with it.") boolean overlay) {

  /** Spelled as clients see it. */
  public enum Type {
    host,
    directory
  }
}
