package dev.skerry.service.api;

import dev.skerry.oci.Problems;
import dev.skerry.service.lifecycle.SandboxException;
import dev.skerry.service.lifecycle.SandboxRequest;
import dev.skerry.service.lifecycle.Sandboxes;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.headers.Header;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Creation and start in one. */
@Path("/v1/runs")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Sandboxes")
public class RunsResource {
  private final Sandboxes sandboxes;

  @Inject
  RunsResource(Sandboxes sandboxes) {
    this.sandboxes = sandboxes;
  }

  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(
      operationId = "run",
      summary = "Create and start a sandbox",
      description =
          "The same as a creation and a start, in one request; it leaves nothing if it fails.")
  @RequestBody(
      required = true,
      content = @Content(schema = @Schema(implementation = SandboxBody.class)))
  @APIResponse(
      responseCode = "201",
      description = "Started; it may have ended already.",
      headers = @Header(name = "Location", schema = @Schema(implementation = String.class)),
      content = @Content(schema = @Schema(implementation = SandboxView.class)))
  @APIResponse(responseCode = "400", ref = "malformed")
  @APIResponse(responseCode = "413", ref = "tooLong")
  @APIResponse(responseCode = "422", ref = "invalid")
  @APIResponse(responseCode = "429", ref = "busy")
  @APIResponse(responseCode = "500", ref = "internal")
  public Response run(@Parameter(hidden = true) InputStream body)
      throws IOException, SandboxException, InterruptedException {
    Problems problems = new Problems();
    SandboxRequest request = Requests.read(body, problems, SandboxRequest::read);
    return SandboxesResource.created(sandboxes.run(request, problems));
  }
}
