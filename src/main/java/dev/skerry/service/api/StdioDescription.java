package dev.skerry.service.api;

import io.quarkus.smallrye.openapi.OpenApiFilter;
import java.util.List;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.media.Schema.SchemaType;
import org.eclipse.microprofile.openapi.models.parameters.Parameter;
import org.eclipse.microprofile.openapi.models.responses.APIResponse;

/** Adds the WebSocket to the OpenAPI document: its handshake, which is no REST resource. */
@OpenApiFilter(stages = OpenApiFilter.RunStage.BUILD)
public final class StdioDescription implements OASFilter {
  @Override
  public void filterOpenAPI(OpenAPI document) {
    document
        .getPaths()
        .addPathItem("/v1/sandboxes/{id}/stdio", OASFactory.createPathItem().GET(handshake()));
  }

  private static Operation handshake() {
    return OASFactory.createOperation()
        .operationId("stdio")
        .addTag("Sandboxes")
        .summary("Open the standard streams")
        .description(
            "A WebSocket. v5.channel.k8s.io has Kubernetes' channels: 0 stdin, 1 stdout, 2 stderr,"
                + " 3 status, 4 resize, 255 close. v1.skerry has sequence numbers, too, from which"
                + " a later connection can go on.")
        .addParameter(
            parameter(Parameter.In.PATH, "id", "The sandbox's id.", text()).required(true))
        .addParameter(
            parameter(
                Parameter.In.QUERY,
                "after",
                "The sequence number of the last frame that the client has.",
                OASFactory.createSchema().addType(SchemaType.INTEGER).format("int64")))
        .addParameter(
            parameter(
                Parameter.In.HEADER,
                "Sec-WebSocket-Protocol",
                "The subprotocols that the client speaks; the first known one is taken.",
                text().enumeration(List.of("v5.channel.k8s.io", "v1.skerry"))))
        .responses(
            OASFactory.createAPIResponses()
                .addAPIResponse("101", OASFactory.createAPIResponse().description("Frames follow."))
                .addAPIResponse(
                    "400",
                    OASFactory.createAPIResponse()
                        .description("No WebSocket, or no subprotocol that is known here."))
                .addAPIResponse("404", shared("missing"))
                .addAPIResponse("422", shared("invalid")));
  }

  private static Parameter parameter(
      Parameter.In in, String name, String description, Schema schema) {
    return OASFactory.createParameter().in(in).name(name).description(description).schema(schema);
  }

  private static Schema text() {
    return OASFactory.createSchema().addType(SchemaType.STRING);
  }

  private static APIResponse shared(String name) {
    return OASFactory.createAPIResponse().ref(name);
  }
}
