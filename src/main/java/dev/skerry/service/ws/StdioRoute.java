package dev.skerry.service.ws;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.skerry.service.lifecycle.Sandbox;
import dev.skerry.service.lifecycle.Sandboxes;
import dev.skerry.service.lifecycle.SpoolWatch;
import dev.skerry.service.problem.ProblemResponses;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** The handshake of {@code /v1/sandboxes/ID/stdio}. */
@Singleton
public class StdioRoute {
  private static final Logger LOG = Logger.getLogger(StdioRoute.class);

  /** Behind the gate's filter, before the REST resources. */
  private static final int ORDER = -100;

  private final Sandboxes sandboxes;
  private final SpoolWatch watch;
  private final ProblemResponses problems;
  private final ObjectMapper mapper;

  @Inject
  StdioRoute(
      Sandboxes sandboxes, SpoolWatch watch, ProblemResponses problems, ObjectMapper mapper) {
    this.sandboxes = sandboxes;
    this.watch = watch;
    this.problems = problems;
    this.mapper = mapper;
  }

  void register(@Observes Router router) {
    router.get("/v1/sandboxes/:id/stdio").order(ORDER).handler(this::upgrade);
  }

  private void upgrade(RoutingContext context) {
    HttpServerRequest request = context.request();
    String id = context.pathParam("id");
    Sandbox sandbox = id == null ? null : sandboxes.find(id);
    if (sandbox == null) {
      problems.send(context, 404, "there is no sandbox " + id);
      return;
    }
    if (!"websocket".equalsIgnoreCase(request.getHeader("Upgrade"))) {
      problems.send(context, 400, "this is a WebSocket");
      return;
    }
    long after = after(request.getParam("after"));
    if (after < 0) {
      problems.send(context, 422, "the query parameter after must be a sequence number");
      return;
    }
    if (!offersProtocol(request)) {
      problems.send(
          context,
          400,
          "a subprotocol must be offered: "
              + SkerryProtocol.NAME
              + " or "
              + KubernetesProtocol.NAME);
      return;
    }
    request
        .toWebSocket()
        .onSuccess(socket -> begin(sandbox, socket, after))
        .onFailure(e -> LOG.debug("no handshake", e));
  }

  private static long after(@Nullable String text) {
    if (text == null) {
      return 0;
    }
    return text.matches("[0-9]{1,18}") ? Long.parseLong(text) : -1;
  }

  private static boolean offersProtocol(HttpServerRequest request) {
    for (String line : request.headers().getAll("Sec-WebSocket-Protocol")) {
      for (String offered : line.split(",")) {
        String name = offered.strip();
        if (name.equals(SkerryProtocol.NAME) || name.equals(KubernetesProtocol.NAME)) {
          return true;
        }
      }
    }
    return false;
  }

  private void begin(Sandbox sandbox, ServerWebSocket socket, long after) {
    StdioProtocol protocol =
        SkerryProtocol.NAME.equals(socket.subProtocol())
            ? new SkerryProtocol(mapper)
            : new KubernetesProtocol(mapper);
    new ClientInput(sandbox, socket, protocol).begin();
    new ClientOutput(sandbox, socket, protocol, watch, after).begin();
  }
}
