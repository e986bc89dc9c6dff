package dev.skerry.service.api;

import dev.skerry.service.problem.ProblemDocument;
import jakarta.ws.rs.core.Application;
import org.eclipse.microprofile.openapi.annotations.Components;
import org.eclipse.microprofile.openapi.annotations.OpenAPIDefinition;
import org.eclipse.microprofile.openapi.annotations.enums.SecuritySchemeType;
import org.eclipse.microprofile.openapi.annotations.info.Info;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;
import org.eclipse.microprofile.openapi.annotations.security.SecurityScheme;

/**
 * What the OpenAPI document says of the API as a whole, and the error responses that are shared.
 */
@OpenAPIDefinition(
    info =
        @Info(
            title = "Skerry",
            version = "1",
            description =
                "Runs untrusted Linux programs in sandboxes. A program's standard streams go over the"
                    + " WebSocket /v1/sandboxes/{id}/stdio, with the subprotocol v5.channel.k8s.io or"
                    + " v1.skerry. Unknown fields are refused. Every error is an RFC 9457 problem"
                    + " document; what is wrong with a body is named by JSON pointer, everything at"
                    + " once."),
    security = @SecurityRequirement(name = "token"),
    components =
        @Components(
            responses = {
              @APIResponse(
                  name = "malformed",
                  description = "The body is no JSON; the detail says at which line and column.",
                  content =
                      @Content(
                          mediaType = ProblemDocument.TYPE,
                          schema = @Schema(implementation = ProblemDocument.class))),
              @APIResponse(
                  name = "missing",
                  description = "There is no such sandbox, or no such process in it.",
                  content =
                      @Content(
                          mediaType = ProblemDocument.TYPE,
                          schema = @Schema(implementation = ProblemDocument.class))),
              @APIResponse(
                  name = "conflict",
                  description = "The sandbox is not in a state for this.",
                  content =
                      @Content(
                          mediaType = ProblemDocument.TYPE,
                          schema = @Schema(implementation = ProblemDocument.class))),
              @APIResponse(
                  name = "tooLong",
                  description = "The body is longer than 1 MiB.",
                  content =
                      @Content(
                          mediaType = ProblemDocument.TYPE,
                          schema = @Schema(implementation = ProblemDocument.class))),
              @APIResponse(
                  name = "invalid",
                  description = "Something is wrong with the request; errors names every field.",
                  content =
                      @Content(
                          mediaType = ProblemDocument.TYPE,
                          schema = @Schema(implementation = ProblemDocument.class))),
              @APIResponse(
                  name = "busy",
                  description = "There are as many sandboxes as are allowed.",
                  content =
                      @Content(
                          mediaType = ProblemDocument.TYPE,
                          schema = @Schema(implementation = ProblemDocument.class))),
              @APIResponse(
                  name = "internal",
                  description = "An error of the service's own; id leads to it in the log.",
                  content =
                      @Content(
                          mediaType = ProblemDocument.TYPE,
                          schema = @Schema(implementation = ProblemDocument.class)))
            },
            securitySchemes =
                @SecurityScheme(
                    securitySchemeName = "token",
                    type = SecuritySchemeType.HTTP,
                    scheme = "bearer",
                    description = "The token in the file of that name in the data directory.")))
public class ApiDescription extends Application {}
