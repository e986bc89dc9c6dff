package dev.skerry.service.embedded;

import io.quarkus.runtime.Quarkus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** A service on a port of its own, with a data directory that goes with it. At most one a JVM. */
public final class EmbeddedService implements AutoCloseable {
  private final Path data;
  private final URI uri;
  private final String token;

  private EmbeddedService(Path data, URI uri, String token) {
    this.data = data;
    this.uri = uri;
    this.token = token;
  }

  /**
   * Starts it, with the machine's own root and all directories allowed as root file systems:
   * whoever may call this may read them anyway.
   *
   * @throws IllegalStateException when it does not start
   */
  public static EmbeddedService start() {
    try {
      Path data = TemporaryData.make();
      TemporaryData.removeAbandoned(data);
      System.setProperty("skerry.data", data.toString());
      System.setProperty("skerry.sandbox.end-with-service", "true");
      System.setProperty("skerry.rootfs.host", "true");
      System.setProperty("skerry.rootfs.directories", "/");
      System.setProperty("quarkus.http.port", "0");
      quieten();
      try {
        URI uri = run();
        return new EmbeddedService(data, uri, Files.readString(data.resolve("token")).strip());
      } catch (IOException | RuntimeException e) {
        TemporaryData.delete(data);
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Standard output belongs to the guest, and standard error tells of problems only. */
  private static void quieten() {
    System.setProperty("quarkus.log.console.stderr", "true");
    System.setProperty("quarkus.log.console.format", "skerry: %s%e%n");
    System.setProperty("quarkus.log.level", "ERROR");
  }

  private static URI run() {
    CompletableFuture<URI> ready = new CompletableFuture<>();
    WaitingApplication.onReady(ready);
    Thread thread =
        new Thread(
            () ->
                Quarkus.run(
                    WaitingApplication.class,
                    (code, failure) -> ready.completeExceptionally(startFailure(code, failure))),
            "service");
    thread.setDaemon(true);
    thread.start();
    try {
      return ready.join();
    } catch (CompletionException e) {
      throw notStarted(e);
    }
  }

  /** With the message of the outermost cause of a file's, or else of the innermost one. */
  static IllegalStateException notStarted(Throwable failure) {
    Throwable cause = failure;
    while (!(cause instanceof UncheckedIOException) && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return new IllegalStateException("the service does not start: " + cause.getMessage(), failure);
  }

  private static IllegalStateException startFailure(int code, @Nullable Throwable failure) {
    return new IllegalStateException("the service ended with status " + code, failure);
  }

  public URI uri() {
    return uri;
  }

  /** Where it keeps its sandboxes' state. */
  public Path data() {
    return data;
  }

  public String token() {
    return token;
  }

  /** Removes its files. The service itself ends with the JVM, or it would cost the caller time. */
  @Override
  public void close() {
    try {
      TemporaryData.delete(data);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + data, e);
    }
  }
}
