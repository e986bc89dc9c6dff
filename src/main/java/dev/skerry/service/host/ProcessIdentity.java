package dev.skerry.service.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A process, not just its number, which another one may get after its end.
 *
 * @param pid the host's
 * @param startTicks field 22 of proc_pid_stat(5): clock ticks since boot
 */
public record ProcessIdentity(int pid, long startTicks) {
  private static final int STATE_FIELD = 0;
  private static final int START_FIELD = 19;

  /** The process that has the number now, or null. */
  public static @Nullable ProcessIdentity of(int pid) {
    String[] fields = fields(pid);
    return fields == null ? null : new ProcessIdentity(pid, Long.parseLong(fields[START_FIELD]));
  }

  /** Whether it still runs; one that has ended and waits for its parent does not. */
  public boolean lives() {
    String[] fields = fields(pid);
    return fields != null && Long.parseLong(fields[START_FIELD]) == startTicks;
  }

  /** Sends SIGKILL if it still runs. */
  public void kill() {
    if (lives()) {
      Machine.kill(pid);
    }
  }

  /** Whether the command line has this argument. */
  public boolean hasArgument(String argument) {
    try {
      String line = Files.readString(Path.of("/proc", Integer.toString(pid), "cmdline"));
      return lives() && ("\0" + line).contains("\0" + argument + "\0");
    } catch (IOException gone) {
      return false;
    }
  }

  /**
   * The fields behind the name, from the state on; null if there is no such process, or a zombie.
   */
  private static String @Nullable [] fields(int pid) {
    try {
      byte[] bytes = Files.readAllBytes(Path.of("/proc", Integer.toString(pid), "stat"));
      String line = new String(bytes, StandardCharsets.ISO_8859_1);
      String[] fields = line.substring(line.lastIndexOf(')') + 2).split(" ");
      boolean ended = fields[STATE_FIELD].equals("Z") || fields[STATE_FIELD].equals("X");
      return ended ? null : fields;
    } catch (IOException gone) {
      return null;
    }
  }
}
