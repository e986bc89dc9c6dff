package dev.skerry.client;

import dev.skerry.client.api.ClientException;
import dev.skerry.client.bench.BenchCommand;
import dev.skerry.client.run.ExitStatus;
import dev.skerry.client.run.RunCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Where the command line begins. */
@Command(
    name = "skerry",
    description = "Runs untrusted Linux programs in sandboxes.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "From a source tree also:",
      "  test    Runs all tests; with --long the big ones, too.",
      "  build   Builds what is missing or stale, and ends.",
      "  openapi Refreshes openapi.yaml."
    },
    subcommands = {RunCommand.class, ServeCommand.class, DoctorCommand.class, BenchCommand.class})
public final class Main {
  private Main() {}

  /** Exits with the command's status; see each command for what its statuses mean. */
  public static void main(String[] args) {
    CommandLine commandLine = new CommandLine(new Main());
    commandLine.setStopAtPositional(true);
    commandLine.setUsageHelpAutoWidth(true);
    commandLine.setExecutionExceptionHandler(
        (exception, line, parsed) -> {
          if (exception instanceof ClientException known) {
            System.err.println("skerry: " + known.getMessage());
          } else {
            exception.printStackTrace();
          }
          return ExitStatus.OWN_ERROR;
        });
    int status = commandLine.execute(args);
    System.out.flush();
    // Whatever still runs, an embedded service or a reader of standard input, is not waited for.
    Runtime.getRuntime().exit(status);
  }
}
