package dev.skerry.service.api;

import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** Some sandboxes, oldest first. */
@Schema(name = "SandboxList")
public record SandboxList(List<SandboxView> items) {}
