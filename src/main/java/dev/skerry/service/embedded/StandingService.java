package dev.skerry.service.embedded;

import io.quarkus.runtime.Quarkus;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The service of {@code skerry serve}. */
public final class StandingService {
  private StandingService() {}

  /**
   * Serves until the JVM is told to end.
   *
   * @param port 0 for the configured one
   * @param data null for the configured directory
   * @throws IllegalStateException when it does not start
   */
  public static void serve(int port, @Nullable Path data) {
    if (port > 0) {
      System.setProperty("quarkus.http.port", Integer.toString(port));
    }
    if (data != null) {
      System.setProperty("skerry.data", data.toAbsolutePath().normalize().toString());
    }
    // What keeps it from starting is the caller's to tell, in one line.
    System.setProperty("quarkus.log.category.\"io.quarkus.runtime.Application\".level", "OFF");
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    Quarkus.run(WaitingApplication.class, (code, thrown) -> failure.set(thrown));
    Throwable thrown = failure.get();
    if (thrown != null) {
      throw EmbeddedService.notStarted(thrown);
    }
  }
}
