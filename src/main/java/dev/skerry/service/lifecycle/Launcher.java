package dev.skerry.service.lifecycle;

import dev.skerry.service.config.SkerryConfig;
import dev.skerry.service.config.SkerryHome;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Starts the native launcher, which makes the sandbox and leaves it running on its own. */
@Singleton
class Launcher {
  /** What the heap begins with, in bytes; left alone, a JVM would go by the size of the machine. */
  private static final long FIRST_HEAP = 64L << 20;

  private static final int MOST_COMPLAINT = 2000;

  private final SkerryHome home;
  private final SkerryConfig config;

  @Inject
  Launcher(SkerryHome home, SkerryConfig config) {
    this.home = home;
    this.config = config;
  }

  /** Returns when the start is under way, and control.sock takes connections. */
  void launch(SandboxFiles files, ContainerPlan plan, List<Path> cgroups)
      throws IOException, InterruptedException, SandboxException {
    files.saveArguments("sentry.argv", sentryArguments());
    files.saveArguments("gofer.argv", goferArguments());
    ProcessBuilder builder = new ProcessBuilder(command(files.directory(), plan, cgroups));
    builder.environment().clear();
    builder.directory(files.directory().toFile());
    builder.redirectInput(new File("/dev/null"));
    builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
    Process process = builder.start();
    // Ends with the launcher: what it leaves running has the log for its standard error.
    String complaint;
    try (InputStream errors = process.getErrorStream()) {
      complaint = new String(errors.readNBytes(MOST_COMPLAINT), StandardCharsets.UTF_8).strip();
    }
    long timeout = config.sandbox().startTimeout().toMillis();
    if (!process.waitFor(timeout, TimeUnit.MILLISECONDS)) {
      process.destroyForcibly();
      throw new SandboxException(
          SandboxException.Kind.INTERNAL, "the launcher was not done in " + timeout + " ms");
    }
    if (process.exitValue() != 0) {
      throw new SandboxException(
          SandboxException.Kind.INTERNAL, "the sandbox could not be launched: " + complaint);
    }
  }

  private List<String> command(Path state, ContainerPlan plan, List<Path> cgroups) {
    List<String> command = new ArrayList<>();
    command.add(home.launcher().toString());
    option(command, "--state", state);
    option(command, "--rootfs", plan.root());
    option(command, "--stub", home.stub());
    if (plan.writable()) {
      command.add("--writable");
    }
    command.add("--channels");
    command.add(Integer.toString(config.sandbox().channels()));
    if (config.sandbox().endWithService()) {
      command.add("--caller");
      command.add(Long.toString(ProcessHandle.current().pid()));
    }
    cgroups.forEach(group -> option(command, "--cgroup", group));
    option(command, "--ro", home.javaHome());
    option(command, "--ro", home.home());
    for (ContainerPlan.Bind bind : plan.binds()) {
      command.add("--bind");
      command.add((bind.readOnly() ? "ro:" : "rw:") + bind.source());
    }
    return command;
  }

  private static void option(List<String> command, String name, Path value) {
    command.add(name);
    command.add(value.toString());
  }

  private List<String> sentryArguments() {
    List<String> arguments = jvm(config.sandbox().sentryHeap().asLongValue(), home.sentryCache());
    // Few calls are served before most programs have ended: a sixth less for a young sentry's
    // calls, for half a megabyte of code.
    arguments.add("-XX:CompileThresholdScaling=0.3");
    arguments.add("-cp");
    arguments.add(home.sentryJar() + ":" + home.goferJar());
    arguments.add("dev.skerry.sentry.boot.Main");
    arguments.add("--watchdog");
    arguments.add(Long.toString(config.sandbox().watchdog().toSeconds()));
    if (config.sandbox().watchdogEnds()) {
      arguments.add("--watchdog-ends");
    }
    return arguments;
  }

  private List<String> goferArguments() {
    List<String> arguments = jvm(config.sandbox().goferHeap().asLongValue(), home.goferCache());
    arguments.add("-cp");
    arguments.add(home.goferJar().toString());
    arguments.add("dev.skerry.gofer.Main");
    return arguments;
  }

  /** A small JVM that writes no files: its root is empty and read-only. */
  private List<String> jvm(long heap, Optional<Path> cache) {
    List<String> arguments = new ArrayList<>();
    arguments.add(home.java().toString());
    arguments.add("-XX:+UseSerialGC");
    arguments.add("-XX:TieredStopAtLevel=1");
    arguments.add("-XX:-UsePerfData");
    arguments.add("-XX:+DisableAttachMechanism");
    arguments.add("-XX:+ExitOnOutOfMemoryError");
    arguments.add("-XX:+ErrorFileToStderr");
    // All JVMs share the pages of the cache only where it was made for (docs/adr/0011).
    arguments.add("-XX:+UnlockDiagnosticVMOptions");
    arguments.add("-XX:ArchiveRelocationMode=0");
    // There is no training in the cache, and a thread that is told of each class in vain.
    arguments.add("-XX:-AOTReplayTraining");
    // What compiles takes no processor from what runs while there are few: starts are a tenth
    // faster.
    arguments.add("-XX:ThreadPriorityPolicy=1");
    arguments.add("-XX:CompilerThreadPriority=10");
    // By default these tables take a megabyte before anything is in them.
    arguments.add("-XX:+UnlockExperimentalVMOptions");
    arguments.add("-XX:StringTableSize=2048");
    arguments.add("-XX:SymbolTableSize=2048");
    // A thread that has run Java takes 88 KiB of stack, and nothing here has a finalizer.
    arguments.add("--finalization=disabled");
    // Half a megabyte of what the start took from malloc goes back to the host.
    arguments.add("-XX:TrimNativeHeapInterval=20000");
    arguments.add("-Xss512k");
    arguments.add("-Xms" + Math.min(heap, FIRST_HEAP));
    arguments.add("-Xmx" + heap);
    cache.ifPresent(file -> arguments.add("-XX:AOTCache=" + file));
    arguments.add("--enable-native-access=ALL-UNNAMED");
    arguments.add("-Djava.library.path=" + home.nativeParts());
    return arguments;
  }
}
