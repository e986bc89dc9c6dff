package dev.skerry.client.run;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What can be said of one run. */
public final class RunOptions {
  @Option(
      names = "--rootfs",
      paramLabel = "DIR",
      description = "Root file system; without it, this machine's own under an overlay.")
  @Nullable Path rootfs;

  @Option(
      names = "--overlay",
      description = "With --rootfs: writes stay in the sandbox, the directory is not changed.")
  boolean overlay;

  @Option(names = "--read-only", description = "The guest cannot write to its root.")
  boolean readOnly;

  @Option(
      names = {"-e", "--env"},
      paramLabel = "NAME=VALUE",
      description = "Sets a variable; a bare NAME is copied from here.")
  List<String> variables = new ArrayList<>();

  @Option(names = "--cwd", paramLabel = "DIR", description = "Working directory; / by default.")
  String cwd = "/";

  @Option(
      names = "--user",
      paramLabel = "UID[:GID]|NAME",
      description = "Who the guest is; root by default.")
  @Nullable String user;

  @Option(names = "-i", description = "Hands standard input to the guest.")
  boolean interactive;

  @Option(names = "-t", description = "Gives the guest a terminal.")
  boolean terminal;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      description = "Ends the run after this time, with status 124.")
  int timeoutSeconds;

  @Option(names = "--memory", paramLabel = "BYTES", description = "Limit of memory.")
  long memoryBytes;

  @Option(names = "--pids", paramLabel = "N", description = "Limit of processes and threads.")
  int pids;

  @Option(names = "--label", paramLabel = "NAME=VALUE", description = "A label of the sandbox.")
  Map<String, String> labels = new LinkedHashMap<>();

  @Option(names = "--json", description = "Prints the sandbox's resource at the end.")
  boolean json;

  @Option(names = "--keep", description = "Leaves the ended sandbox with the service.")
  boolean keep;

  @Parameters(paramLabel = "COMMAND", arity = "1..*", description = "What to run.")
  List<String> command = new ArrayList<>();

  /** The options of a plain run of a command. */
  public static RunOptions of(List<String> command) {
    RunOptions options = new RunOptions();
    options.command.addAll(command);
    return options;
  }

  /** With a directory as its root, under an overlay. */
  public RunOptions over(Path root) {
    rootfs = root;
    overlay = true;
    return this;
  }

  /** The guest's variables; one without a value that is not set here is left out. */
  List<String> environment() {
    List<String> environment = new ArrayList<>();
    for (String variable : variables) {
      String value = System.getenv(variable);
      if (variable.indexOf('=') > 0) {
        environment.add(variable);
      } else if (value != null) {
        environment.add(variable + "=" + value);
      }
    }
    return environment;
  }
}
