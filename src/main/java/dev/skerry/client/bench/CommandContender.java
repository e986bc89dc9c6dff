package dev.skerry.client.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A contender that is a command in front of the program's own; none in front is the host itself.
 */
class CommandContender implements Contender {
  private static final List<String> SLEEP = List.of("/bin/sleep", "600");

  private final String name;
  private final List<String> prefix;

  CommandContender(String name, List<String> prefix) {
    this.name = name;
    this.prefix = prefix;
  }

  @Override
  public String name() {
    return name;
  }

  /** The whole command line for a program. */
  List<String> commandLine(List<String> command) throws IOException {
    List<String> all = new ArrayList<>(prefix);
    all.addAll(command);
    return all;
  }

  @Override
  public Outcome run(List<String> command) throws IOException {
    List<String> all = commandLine(command);
    OutputTimer output = new OutputTimer();
    long start = System.nanoTime();
    Process process = start(all);
    process.getInputStream().transferTo(output);
    int status = wait(process);
    long end = System.nanoTime();
    return new Outcome(status, output.text(), output.firstByteSince(start), end - start);
  }

  @Override
  public Idle idle() throws IOException {
    Process process = start(commandLine(SLEEP));
    return new Idle() {
      @Override
      public List<Long> roots() {
        return List.of(process.pid());
      }

      @Override
      public void close() {
        List<ProcessHandle> children = process.descendants().toList();
        children.forEach(ProcessHandle::destroyForcibly);
        if (children.isEmpty() || !endsByItself(process)) {
          process.destroyForcibly();
        }
        CommandContender.wait(process);
      }
    };
  }

  @Override
  public void close() throws IOException {}

  /** Not with /dev/null: runsc gives its standard streams away, to the owner of its sandbox. */
  private static Process start(List<String> command) throws IOException {
    Path errors = Files.createTempFile("skerry-bench", ".errors");
    try {
      Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
      process.getOutputStream().close();
      return process;
    } finally {
      Files.delete(errors);
    }
  }

  /** A runtime whose container has ended removes its cgroups and its record. */
  private static boolean endsByItself(Process process) {
    try {
      return process.waitFor(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static int wait(Process process) {
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
      return -1;
    }
  }
}
