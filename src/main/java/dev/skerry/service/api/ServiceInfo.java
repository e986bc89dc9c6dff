package dev.skerry.service.api;

import java.util.List;
import java.util.Set;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** What this service is and can do. */
@Schema(name = "ServiceInfo")
public record ServiceInfo(
    @Schema(examples = "0.1.0") String version,
    @Schema(description = "How system calls are caught.", examples = "notify") String platform,
    @Schema(description = "The host's kernel.", examples = "6.18.5") String kernel,
    @Schema(description = "Whether it runs without root: sandboxes have no cgroup then.")
        boolean rootless,
    @Schema(description = "Those of memory, pids and cpu that limit sandboxes.")
        Set<String> cgroupControllers,
    @Schema(description = "Whether the machine's own root may be used.") boolean hostRootfs,
    @Schema(description = "Below which root file systems and bind mounts have to lie.")
        List<String> rootfsDirectories,
    @Schema(description = "The runtime spec that is understood.", examples = "1.2.1")
        String ociVersion) {}
