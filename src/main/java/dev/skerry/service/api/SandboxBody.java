package dev.skerry.service.api;

import dev.skerry.service.lifecycle.RootFs;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** The body that makes a sandbox, for the OpenAPI document; it is read field by field. */
@Schema(name = "SandboxRequest", requiredProperties = "spec")
record SandboxBody(
    @Schema(
            type = SchemaType.OBJECT,
            description =
                "An OCI runtime spec (config.json) 1.x. Every field is honoured, reported in the"
                    + " warnings as ignored, or refused by its JSON pointer.",
            examples =
                "{\"ociVersion\":\"1.2.0\",\"process\":{\"args\":[\"/bin/echo\",\"hello\"],\"cwd\":\"/\","
                    + "\"env\":[\"PATH=/usr/bin:/bin\"],\"user\":{\"uid\":0,\"gid\":0}}}")
        Object spec,
    @Schema(description = "The root; if absent, the directory of spec.root.path, writable.")
        @Nullable RootFs rootfs,
    @Schema(description = "At most 64, for finding the sandbox again.")
        @Nullable Map<String, String> labels,
    @Schema(description = "From creation to the end.", minimum = "1", examples = "60")
        @Nullable Long wallTimeoutSeconds,
    @Schema(description = "Of standard output and error together.", minimum = "1")
        @Nullable Long outputLimitBytes,
    @Schema(description = "Only with a terminal.") @Nullable TerminalSize terminalSize) {

  /** In characters. */
  @Schema(name = "TerminalSize")
  record TerminalSize(@Schema(examples = "24") int rows, @Schema(examples = "80") int columns) {}
}
