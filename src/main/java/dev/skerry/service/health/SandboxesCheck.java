package dev.skerry.service.health;

import dev.skerry.service.lifecycle.Sandboxes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/** Alive if it can tell how many sandboxes there are. */
@Liveness
@Singleton
final class SandboxesCheck implements HealthCheck {
  private final Sandboxes sandboxes;

  @Inject
  SandboxesCheck(Sandboxes sandboxes) {
    this.sandboxes = sandboxes;
  }

  @Override
  public HealthCheckResponse call() {
    return HealthCheckResponse.named("sandboxes")
        .up()
        .withData("count", sandboxes.list().size())
        .build();
  }
}
