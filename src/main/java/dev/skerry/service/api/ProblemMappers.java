package dev.skerry.service.api;

import dev.skerry.oci.Problem;
import dev.skerry.service.lifecycle.SandboxException;
import dev.skerry.service.problem.ProblemDocument;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.util.List;
import java.util.UUID;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;
import org.jspecify.annotations.Nullable;

/** Every error of a REST resource as a problem document. */
final class ProblemMappers {
  private static final Logger LOG = Logger.getLogger(ProblemMappers.class);

  @ServerExceptionMapper
  Response problem(ProblemException e, UriInfo uri) {
    return response(e.status(), e.getMessage(), e.problems(), uri);
  }

  @ServerExceptionMapper
  Response sandbox(SandboxException e, UriInfo uri) {
    if (e.kind() == SandboxException.Kind.INTERNAL) {
      String id = UUID.randomUUID().toString();
      LOG.errorf(e, "error %s: %s %s", id, uri.getPath(), e.getMessage());
      ProblemDocument problem = ProblemDocument.of(500, e.getMessage(), uri.getPath());
      return response(problem.withId(id));
    }
    int status =
        switch (e.kind()) {
          case INVALID -> 422;
          case CONFLICT -> 409;
          case MISSING -> 404;
          case BUSY -> 429;
          case INTERNAL -> 500;
        };
    return response(status, e.getMessage(), e.problems(), uri);
  }

  /** What the framework answers by itself: no such path, method or media type. */
  @ServerExceptionMapper
  Response framework(WebApplicationException e, UriInfo uri) {
    int status = e.getResponse().getStatus();
    if (status < 400) {
      return e.getResponse();
    }
    return response(status, detail(status), List.of(), uri);
  }

  private static @Nullable String detail(int status) {
    return switch (status) {
      case 404 -> "there is nothing here";
      case 405 -> "this resource has no such method";
      case 406 -> "only application/json can be had";
      case 415 -> "the body must be application/json";
      default -> null;
    };
  }

  /** A bug: what it was is in the log, and not for clients. */
  @ServerExceptionMapper
  Response unexpected(Throwable e, UriInfo uri) {
    String id = UUID.randomUUID().toString();
    LOG.errorf(e, "error %s: %s", id, uri.getPath());
    String detail = "an error of the service's own; its log has more under this id";
    return response(ProblemDocument.of(500, detail, uri.getPath()).withId(id));
  }

  private static Response response(
      int status, @Nullable String detail, List<Problem> problems, UriInfo uri) {
    return response(ProblemDocument.of(status, detail, uri.getPath()).with(problems));
  }

  private static Response response(ProblemDocument problem) {
    return Response.status(problem.status()).type(ProblemDocument.TYPE).entity(problem).build();
  }
}
