package dev.skerry.service.health;

import dev.skerry.service.config.SkerryHome;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.util.List;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/** Ready only with launcher, stub, library, jars and a JDK for them. */
@Readiness
@Singleton
final class PartsCheck implements HealthCheck {
  private final SkerryHome home;

  @Inject
  PartsCheck(SkerryHome home) {
    this.home = home;
  }

  @Override
  public HealthCheckResponse call() {
    List<Path> missing = home.missing();
    HealthCheckResponseBuilder response =
        HealthCheckResponse.named("parts of a sandbox").status(missing.isEmpty());
    if (!missing.isEmpty()) {
      response.withData("missing", missing.toString());
    }
    return response.build();
  }
}
