package dev.skerry.service.api;

import dev.skerry.service.config.DataDirectory;
import dev.skerry.service.config.SkerryConfig;
import dev.skerry.service.host.ControlGroups;
import dev.skerry.service.host.Machine;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** About the service itself. */
@Path("/v1/info")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Service", description = "About the service itself.")
public class InfoResource {
  private final SkerryConfig config;
  private final DataDirectory data;
  private final ControlGroups groups;
  private final String version;

  @Inject
  InfoResource(
      SkerryConfig config,
      DataDirectory data,
      ControlGroups groups,
      @ConfigProperty(name = "quarkus.application.version") String version) {
    this.config = config;
    this.data = data;
    this.groups = groups;
    this.version = version;
  }

  @GET
  @Operation(operationId = "info", summary = "Show what this service is and can do")
  public ServiceInfo info() {
    return new ServiceInfo(
        version,
        "notify",
        System.getProperty("os.version"),
        !Machine.isRoot(),
        groups.available(),
        config.rootfs().host(),
        data.rootfsDirectories().stream().map(Object::toString).toList(),
        "1.2.1");
  }
}
