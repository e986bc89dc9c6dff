package dev.skerry.service.problem;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.skerry.oci.Problem;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * An error (RFC 9457).
 *
 * @param errors the fields that are wrong, if the request has a body
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@Schema(name = "Problem", description = "An error, as RFC 9457 has it.")
public record ProblemDocument(
    @Schema(description = "The HTTP status.", examples = "422") int status,
    @Schema(description = "The kind of error.", examples = "Unprocessable Content") String title,
    @Schema(description = "What happened, for a person.") @Nullable String detail,
    @Schema(description = "The path that was asked for.") @Nullable String instance,
    @Schema(description = "Identifies this very error in the service's log.") @Nullable String id,
    @Schema(description = "Every field that is wrong.") List<Problem> errors) {

  /** The media type of such a document. */
  public static final String TYPE = "application/problem+json";

  public static ProblemDocument of(int status, @Nullable String detail, @Nullable String instance) {
    return new ProblemDocument(status, title(status), detail, instance, null, List.of());
  }

  public ProblemDocument with(List<Problem> problems) {
    return new ProblemDocument(status, title, detail, instance, id, problems);
  }

  public ProblemDocument withId(String errorId) {
    return new ProblemDocument(status, title, detail, instance, errorId, errors);
  }

  private static String title(int status) {
    return switch (status) {
      case 400 -> "Bad Request";
      case 401 -> "Unauthorized";
      case 403 -> "Forbidden";
      case 404 -> "Not Found";
      case 405 -> "Method Not Allowed";
      case 406 -> "Not Acceptable";
      case 409 -> "Conflict";
      case 413 -> "Content Too Large";
      case 415 -> "Unsupported Media Type";
      case 422 -> "Unprocessable Content";
      case 429 -> "Too Many Requests";
      case 503 -> "Service Unavailable";
      default -> status < 500 ? "Client Error" : "Internal Server Error";
    };
  }
}
