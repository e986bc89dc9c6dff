package dev.skerry.service.ws;

import io.quarkus.vertx.http.HttpServerOptionsCustomizer;
import io.vertx.core.http.HttpServerOptions;
import jakarta.inject.Singleton;

/** The server's WebSockets: subprotocols, and bounds on what clients may send at once. */
@Singleton
public class WebSocketOptions implements HttpServerOptionsCustomizer {
  /** A browser sends a paste as one message. */
  private static final int MOST_MESSAGE = (1 << 20) + 16;

  @Override
  public void customizeHttpServer(HttpServerOptions options) {
    options.addWebSocketSubProtocol(SkerryProtocol.NAME);
    options.addWebSocketSubProtocol(KubernetesProtocol.NAME);
    options.setMaxWebSocketFrameSize(MOST_MESSAGE);
    options.setMaxWebSocketMessageSize(MOST_MESSAGE);
    // Compression could make much out of little.
    options.setPerMessageWebSocketCompressionSupported(false);
    options.setPerFrameWebSocketCompressionSupported(false);
  }
}
