package dev.skerry.service.lifecycle;

import dev.skerry.service.host.ControlGroups;
import dev.skerry.service.host.ProcessIdentity;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes sure that nothing of a sandbox is left but its record, spool and log. */
final class Remains {
  private static final long STEP_MILLIS = 2;
  private static final Duration AFTER_KILL = Duration.ofSeconds(5);

  private Remains() {}

  /**
   * Which of the host's processes are the sandbox's monitor and init, checked by their command
   * line.
   */
  static SandboxRecord identify(SandboxFiles files, SandboxRecord record) throws IOException {
    Map<String, Integer> pids = files.pids();
    return record.withProcesses(
        identify(files, pids.get("monitor")), identify(files, pids.get("init")));
  }

  private static @Nullable ProcessIdentity identify(SandboxFiles files, @Nullable Integer pid) {
    ProcessIdentity found = pid == null ? null : ProcessIdentity.of(pid);
    return found != null && found.hasArgument(files.directory().toString()) ? found : null;
  }

  /** Waits until the monitor, which goes last, has gone. Returns whether it has. */
  static boolean awaitEnd(SandboxRecord record, Duration limit) throws InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    while (isAlive(record)) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      Thread.sleep(STEP_MILLIS);
    }
    return true;
  }

  static boolean isAlive(SandboxRecord record) {
    return isAlive(record.monitor()) || isAlive(record.init());
  }

  private static boolean isAlive(@Nullable ProcessIdentity process) {
    return process != null && process.lives();
  }

  /** Ends every process of the sandbox: with init, the kernel kills its whole PID namespace. */
  static void kill(SandboxFiles files, SandboxRecord record) throws InterruptedException {
    if (record.init() != null) {
      record.init().kill();
      // A monitor that still lives cleans up more than can be done from here.
      awaitEnd(record, Duration.ofMillis(300));
    }
    if (record.monitor() != null) {
      record.monitor().kill();
    } else {
      unidentified(files.directory()).forEach(ProcessIdentity::kill);
    }
    awaitEnd(record, AFTER_KILL);
  }

  /** Launchers of this directory that have not come as far as writing down who they are. */
  private static List<ProcessIdentity> unidentified(Path directory) {
    List<ProcessIdentity> found = new ArrayList<>();
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path path : processes) {
        ProcessIdentity process =
            ProcessIdentity.of(Integer.parseInt(path.getFileName().toString()));
        if (process != null
            && process.hasArgument("--state")
            && process.hasArgument(directory.toString())) {
          found.add(process);
        }
      }
    } catch (IOException unreadable) {
      return found;
    }
    return found;
  }

  /** Removes cgroups, socket, mount points and arguments; the processes have gone. */
  static void clear(SandboxFiles files, SandboxRecord record)
      throws IOException, InterruptedException {
    boolean removed = ControlGroups.remove(record.cgroups());
    files.removeTemporary();
    if (!removed) {
      throw new IOException("the cgroups " + record.cgroups() + " are still in use");
    }
  }
}
