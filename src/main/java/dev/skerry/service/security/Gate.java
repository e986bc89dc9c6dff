package dev.skerry.service.security;

import dev.skerry.service.problem.ProblemResponses;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Stands before every route: REST, WebSockets, health, metrics, the OpenAPI document. Host and
 * Origin come first, so that a foreign page learns nothing about its token.
 */
@Singleton
public class Gate {
  /** Before every other filter of the application. */
  private static final int PRIORITY = 10_000;

  private static final String BEARER = "bearer ";

  /** How Kubernetes' clients put a token into a WebSocket handshake of a browser. */
  static final String TOKEN_SUBPROTOCOL = "base64url.bearer.authorization.k8s.io.";

  private final AccessToken token;
  private final AllowedPeers peers;
  private final ProblemResponses problems;

  @Inject
  Gate(AccessToken token, AllowedPeers peers, ProblemResponses problems) {
    this.token = token;
    this.peers = peers;
    this.problems = problems;
  }

  void register(@Observes Filters filters) {
    filters.register(this::check, PRIORITY);
  }

  private void check(RoutingContext context) {
    HttpServerRequest request = context.request();
    @Nullable String authority = authority(request);
    if (authority == null || !peers.allowsHost(authority)) {
      problems.send(context, 403, "the Host header names no host of this service");
    } else if (!allowsOrigins(request.headers().getAll("Origin"), authority)) {
      problems.send(context, 403, "pages of this origin may not use the service");
    } else if (!hasToken(request)) {
      problems.send(
          context, 401, "a bearer token is needed; see the file token in the data directory");
    } else {
      context.next();
    }
  }

  /** One Host header, not several: proxies and servers disagree on which of several counts. */
  private static @Nullable String authority(HttpServerRequest request) {
    List<String> hosts = request.headers().getAll("Host");
    if (hosts.size() > 1) {
      return null;
    }
    if (hosts.size() == 1) {
      return hosts.getFirst();
    }
    @Nullable HostAndPort authority = request.authority();
    return authority == null ? null : authority.toString();
  }

  private boolean allowsOrigins(List<String> origins, String authority) {
    return origins.size() <= 1
        && peers.allowsOrigin(origins.isEmpty() ? null : origins.getFirst(), authority);
  }

  private boolean hasToken(HttpServerRequest request) {
    @Nullable String header = request.getHeader("Authorization");
    if (header != null) {
      return header.regionMatches(true, 0, BEARER, 0, BEARER.length())
          && token.matches(header.substring(BEARER.length()).strip());
    }
    if (!"websocket".equalsIgnoreCase(request.getHeader("Upgrade"))) {
      return false;
    }
    for (String line : request.headers().getAll("Sec-WebSocket-Protocol")) {
      for (String offered : line.split(",")) {
        String protocol = offered.strip();
        if (protocol.startsWith(TOKEN_SUBPROTOCOL)) {
          return matchesEncoded(protocol.substring(TOKEN_SUBPROTOCOL.length()));
        }
      }
    }
    return false;
  }

  private boolean matchesEncoded(String encoded) {
    try {
      byte[] decoded = Base64.getUrlDecoder().decode(encoded);
      return token.matches(new String(decoded, StandardCharsets.UTF_8));
    } catch (IllegalArgumentException notBase64) {
      return false;
    }
  }
}
