package dev.skerry.service.api;

import dev.skerry.oci.Problems;
import dev.skerry.service.lifecycle.Sandbox;
import dev.skerry.service.lifecycle.SandboxException;
import dev.skerry.service.lifecycle.SandboxRecord;
import dev.skerry.service.lifecycle.SandboxRequest;
import dev.skerry.service.lifecycle.SandboxState;
import dev.skerry.service.lifecycle.Sandboxes;
import dev.skerry.service.problem.ProblemDocument;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.headers.Header;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** The life of sandboxes. */
@Path("/v1/sandboxes")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(
    name = "Sandboxes",
    description = "Creating, starting, watching, signalling and removing sandboxes.")
public class SandboxesResource {
  private static final int MOST_WAIT_SECONDS = 300;
  private static final String ID = "The sandbox's id.";

  private final Sandboxes sandboxes;

  @Inject
  SandboxesResource(Sandboxes sandboxes) {
    this.sandboxes = sandboxes;
  }

  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(
      operationId = "createSandbox",
      summary = "Create a sandbox",
      description = "Prepares everything; the first process does not run before the start.")
  @RequestBody(
      required = true,
      content = @Content(schema = @Schema(implementation = SandboxBody.class)))
  @APIResponse(
      responseCode = "201",
      description = "Created.",
      headers = @Header(name = "Location", schema = @Schema(implementation = String.class)),
      content = @Content(schema = @Schema(implementation = SandboxView.class)))
  @APIResponse(responseCode = "400", ref = "malformed")
  @APIResponse(responseCode = "413", ref = "tooLong")
  @APIResponse(responseCode = "422", ref = "invalid")
  @APIResponse(responseCode = "429", ref = "busy")
  @APIResponse(responseCode = "500", ref = "internal")
  public Response create(@Parameter(hidden = true) InputStream body)
      throws IOException, SandboxException, InterruptedException {
    Problems problems = new Problems();
    SandboxRequest request = Requests.read(body, problems, SandboxRequest::read);
    return created(sandboxes.create(request, problems));
  }

  static Response created(Sandbox sandbox) {
    SandboxRecord record = sandbox.record();
    return Response.created(URI.create("/v1/sandboxes/" + record.id()))
        .entity(SandboxView.of(record))
        .build();
  }

  @GET
  @Operation(
      operationId = "listSandboxes",
      summary = "List sandboxes",
      description = "Oldest first.")
  @APIResponse(
      responseCode = "200",
      description = "Those that match.",
      content = @Content(schema = @Schema(implementation = SandboxList.class)))
  @APIResponse(responseCode = "422", ref = "invalid")
  public SandboxList list(
      @Parameter(
              description = "Only those in this state.",
              schema = @Schema(enumeration = {"creating", "created", "running", "stopped"}))
          @QueryParam("state")
          @Nullable String state,
      @Parameter(description = "Only those with this label, as name=value; may be repeated.")
          @QueryParam("label")
          List<String> labels) {
    if (state != null
        && Arrays.stream(SandboxState.values()).noneMatch(one -> one.lowerCase().equals(state))) {
      throw new ProblemException(422, "the query parameter state is no state", List.of());
    }
    if (labels.stream().anyMatch(label -> label.indexOf('=') < 1)) {
      throw new ProblemException(422, "the query parameter label must be name=value", List.of());
    }
    List<SandboxView> items = new ArrayList<>();
    for (Sandbox sandbox : sandboxes.list()) {
      SandboxRecord record = sandbox.record();
      if ((state == null || record.state().lowerCase().equals(state)) && hasAll(record, labels)) {
        items.add(SandboxView.of(record));
      }
    }
    return new SandboxList(items);
  }

  private static boolean hasAll(SandboxRecord record, List<String> labels) {
    for (String label : labels) {
      int equals = label.indexOf('=');
      String value = record.settings().labels().get(label.substring(0, equals));
      if (!label.substring(equals + 1).equals(value)) {
        return false;
      }
    }
    return true;
  }

  @GET
  @Path("{id}")
  @Operation(operationId = "getSandbox", summary = "Show a sandbox")
  @APIResponse(
      responseCode = "200",
      description = "As it is now.",
      content = @Content(schema = @Schema(implementation = SandboxView.class)))
  @APIResponse(responseCode = "404", ref = "missing")
  public SandboxView show(@Parameter(description = ID) @PathParam("id") String id)
      throws SandboxException {
    return SandboxView.of(sandboxes.get(id).record());
  }

  @GET
  @Path("{id}/objects")
  @Operation(
      operationId = "countObjects",
      summary = "Count the kernel objects of a running sandbox",
      description =
          "What its sentry keeps for the guests now: objects by kind, and memory in bytes. A count that grows"
              + " while the programs do the same again and again is a leak.")
  @APIResponse(
      responseCode = "200",
      description = "As it is now.",
      content = @Content(schema = @Schema(implementation = ObjectCounts.class)))
  @APIResponse(responseCode = "404", ref = "missing")
  @APIResponse(responseCode = "409", ref = "conflict")
  @APIResponse(responseCode = "500", ref = "internal")
  public ObjectCounts objects(
      @Parameter(description = ID) @PathParam("id") String id,
      @Parameter(
              description = "Let the sentry collect its garbage first; it stands still meanwhile.")
          @QueryParam("collect")
          @DefaultValue("false")
          boolean collect)
      throws SandboxException, InterruptedException {
    return ObjectCounts.of(sandboxes.get(id).objects(collect));
  }

  @POST
  @Path("{id}/start")
  @Operation(operationId = "startSandbox", summary = "Start a sandbox's first process")
  @APIResponse(
      responseCode = "200",
      description = "Started; it may have ended already.",
      content = @Content(schema = @Schema(implementation = SandboxView.class)))
  @APIResponse(responseCode = "404", ref = "missing")
  @APIResponse(responseCode = "409", ref = "conflict")
  @APIResponse(responseCode = "422", ref = "invalid")
  @APIResponse(responseCode = "500", ref = "internal")
  public SandboxView start(@Parameter(description = ID) @PathParam("id") String id)
      throws SandboxException, InterruptedException {
    Sandbox sandbox = sandboxes.get(id);
    sandbox.start();
    return SandboxView.of(sandbox.record());
  }

  @GET
  @Path("{id}/wait")
  @Operation(
      operationId = "waitForSandbox",
      summary = "Wait for a sandbox's end",
      description = "Answers when it has ended, or when the time is over; the state tells which.")
  @APIResponse(
      responseCode = "200",
      description = "As it is now.",
      content = @Content(schema = @Schema(implementation = SandboxView.class)))
  @APIResponse(responseCode = "404", ref = "missing")
  @APIResponse(responseCode = "422", ref = "invalid")
  public SandboxView await(
      @Parameter(description = ID) @PathParam("id") String id,
      @Parameter(
              description = "How long to wait at most.",
              schema = @Schema(minimum = "0", maximum = "300", defaultValue = "30"))
          @QueryParam("timeoutSeconds")
          @DefaultValue("30")
          String timeoutSeconds)
      throws SandboxException, InterruptedException {
    Sandbox sandbox = sandboxes.get(id);
    if (!timeoutSeconds.matches("[0-9]{1,3}")
        || Integer.parseInt(timeoutSeconds) > MOST_WAIT_SECONDS) {
      throw new ProblemException(
          422, "the query parameter timeoutSeconds must be from 0 to 300", List.of());
    }
    sandbox.awaitStopped(Duration.ofSeconds(Integer.parseInt(timeoutSeconds)));
    return SandboxView.of(sandbox.record());
  }

  @POST
  @Path("{id}/kill")
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(
      operationId = "killSandbox",
      summary = "Send a signal",
      description = "To the first process by default; with a terminal to its foreground group.")
  @RequestBody(content = @Content(schema = @Schema(implementation = KillBody.class)))
  @APIResponse(responseCode = "204", description = "Sent.")
  @APIResponse(responseCode = "400", ref = "malformed")
  @APIResponse(responseCode = "404", ref = "missing")
  @APIResponse(responseCode = "409", ref = "conflict")
  @APIResponse(responseCode = "422", ref = "invalid")
  public void kill(
      @Parameter(description = ID) @PathParam("id") String id,
      @Parameter(hidden = true) InputStream body)
      throws IOException, SandboxException, InterruptedException {
    Sandbox sandbox = sandboxes.get(id);
    KillBody kill = Requests.readOptional(body, new Problems(), KillBody::read);
    sandbox.signal(kill.pid(), kill.signal(), kill.all());
  }

  @DELETE
  @Path("{id}")
  @Operation(
      operationId = "deleteSandbox",
      summary = "Delete a sandbox",
      description = "With its output and record. When the answer comes, nothing of it is left.")
  @APIResponse(responseCode = "204", description = "Gone.")
  @APIResponse(responseCode = "404", ref = "missing")
  @APIResponse(responseCode = "409", ref = "conflict")
  @APIResponse(
      responseCode = "500",
      description = "It could not be removed.",
      content =
          @Content(
              mediaType = ProblemDocument.TYPE,
              schema = @Schema(implementation = ProblemDocument.class)))
  public void delete(
      @Parameter(description = ID) @PathParam("id") String id,
      @Parameter(description = "End it first if it runs, with the verdict cancelled.")
          @QueryParam("force")
          @DefaultValue("false")
          boolean force)
      throws SandboxException, InterruptedException {
    sandboxes.delete(id, force);
  }
}
