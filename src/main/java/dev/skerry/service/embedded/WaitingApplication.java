package dev.skerry.service.embedded;

import io.quarkus.arc.Arc;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.quarkus.vertx.http.HttpServer;
import java.net.URI;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Tells where the service listens once it does, and stays until it is told to end. */
public final class WaitingApplication implements QuarkusApplication {
  private static volatile @Nullable CompletableFuture<URI> ready;

  static void onReady(CompletableFuture<URI> future) {
    ready = future;
  }

  @Override
  public int run(String... args) {
    CompletableFuture<URI> waiting = ready;
    if (waiting != null) {
      int port = Arc.container().instance(HttpServer.class).get().getPort();
      waiting.complete(URI.create("http://127.0.0.1:" + port + "/"));
    }
    Quarkus.waitForExit();
    return 0;
  }
}
