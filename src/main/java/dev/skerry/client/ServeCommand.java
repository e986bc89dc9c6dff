package dev.skerry.client;

import dev.skerry.client.api.ClientException;
import dev.skerry.service.embedded.StandingService;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code skerry serve}: the service, until it is told to end. */
@Command(
    name = "serve",
    description = "Runs the service on the loopback address.",
    mixinStandardHelpOptions = true)
final class ServeCommand implements Callable<Integer> {
  @Option(names = "--port", paramLabel = "N", description = "Port; 8181 by default.")
  private int port;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Where state is kept; the user's state directory by default.")
  private @Nullable Path data;

  @Override
  public Integer call() {
    if (port < 0 || port > 65535) {
      throw new ClientException("--port must be from 1 to 65535");
    }
    try {
      StandingService.serve(port, data);
    } catch (IllegalStateException e) {
      throw new ClientException(String.valueOf(e.getMessage()));
    }
    return 0;
  }
}
