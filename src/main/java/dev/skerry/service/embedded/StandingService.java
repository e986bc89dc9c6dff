package dev.skerry.service.embedded;

import io.quarkus.runtime.Quarkus;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The service of {@code skerry serve}. */
public final class StandingService {
  private StandingService() {}

  /**
   * Serves until the JVM is told to end.
   *
   * @param port 0 for the configured one
   * @param data null for the configured directory
   */
  public static void serve(int port, @Nullable Path data) {
    if (port > 0) {
      System.setProperty("quarkus.http.port", Integer.toString(port));
    }
    if (data != null) {
      System.setProperty("skerry.data", data.toAbsolutePath().normalize().toString());
    }
    Quarkus.run(WaitingApplication.class);
  }
}
