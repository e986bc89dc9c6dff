package dev.skerry.service.problem;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/** Writes problem documents where no REST resource answers: filters, WebSocket handshakes. */
@Singleton
public class ProblemResponses {
  private final ObjectMapper mapper;

  @Inject
  ProblemResponses(ObjectMapper mapper) {
    this.mapper = mapper;
  }

  /** Answers with a problem, and closes the connection if a body may be left unread in it. */
  public void send(RoutingContext context, int status, String detail) {
    ProblemDocument problem = ProblemDocument.of(status, detail, context.normalizedPath());
    String body;
    try {
      body = mapper.writeValueAsString(problem);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
    if (status == 401) {
      context.response().putHeader("WWW-Authenticate", "Bearer");
    }
    context
        .response()
        .setStatusCode(status)
        .putHeader("Content-Type", ProblemDocument.TYPE)
        .end(body);
  }
}
