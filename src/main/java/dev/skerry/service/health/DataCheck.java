package dev.skerry.service.health;

import dev.skerry.service.config.DataDirectory;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.file.Files;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready only if records can be written. */
@Readiness
@Singleton
final class DataCheck implements HealthCheck {
  private final DataDirectory data;

  @Inject
  DataCheck(DataDirectory data) {
    this.data = data;
  }

  @Override
  public HealthCheckResponse call() {
    return HealthCheckResponse.named("data directory")
        .status(Files.isWritable(data.sandboxes()))
        .build();
  }
}
