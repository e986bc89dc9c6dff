package dev.skerry.client.run;

import dev.skerry.client.api.ClientException;
import dev.skerry.client.api.ServiceAddress;
import dev.skerry.client.api.ServiceClient;
import dev.skerry.service.embedded.EmbeddedService;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code skerry run}: one program in a sandbox of its own, from its start to its end. */
@Command(
    name = "run",
    description = "Runs a program in a sandbox of its own.",
    mixinStandardHelpOptions = true,
    exitCodeOnInvalidInput = ExitStatus.OWN_ERROR,
    exitCodeOnExecutionException = ExitStatus.OWN_ERROR,
    footer = {
      "",
      "Uses the service at $SKERRY_URL, or brings one up for this run.",
      "Status: the program's own; 128+N when signal N ended it;",
      "124 when its time was up; 125 for an error of Skerry's own.",
      "The program is process 1 of its sandbox: as on Linux, a signal that it has",
      "no handler for ends it only if it is a fault or a SIGKILL from outside."
    })
public final class RunCommand implements Callable<Integer> {
  @Mixin private RunOptions options = new RunOptions();
  @Spec private @Nullable CommandSpec commandSpec;

  @Override
  public Integer call() {
    check();
    ServiceAddress address = ServiceAddress.fromEnvironment();
    if (address != null) {
      return new Run(new ServiceClient(address), options).execute();
    }
    try (EmbeddedService service = EmbeddedService.start()) {
      ServiceAddress own = new ServiceAddress(service.uri(), service.token());
      return new Run(new ServiceClient(own), options).execute();
    }
  }

  private void check() {
    if (options.timeoutSeconds < 0) {
      throw refusal("--timeout must be a number of seconds above 0");
    }
    if (options.memoryBytes < 0 || options.pids < 0) {
      throw refusal("--memory and --pids must be above 0");
    }
    if (options.overlay && options.rootfs == null) {
      throw refusal("--overlay goes with --rootfs: this machine's own root always has one");
    }
  }

  private ParameterException refusal(String message) {
    if (commandSpec == null) {
      throw new ClientException(message);
    }
    return new ParameterException(commandSpec.commandLine(), message);
  }
}
