package dev.skerry.client.run;

import dev.skerry.client.api.TerminalSize;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The terminal that this command was started from, as stty(1) sees and sets it. */
final class OwnTerminal {
  private static final File DEVICE = new File("/dev/tty");
  private static final TerminalSize USUAL = new TerminalSize(24, 80);

  private final String saved;

  private OwnTerminal(String saved) {
    this.saved = saved;
  }

  /** Null when there is none, as in a pipeline of a CI job. */
  static @Nullable OwnTerminal find() {
    String settings = stty("-g");
    return settings == null ? null : new OwnTerminal(settings);
  }

  TerminalSize size() {
    String size = stty("size");
    if (size != null) {
      int space = size.indexOf(' ');
      try {
        int rows = Integer.parseInt(size.substring(0, Math.max(space, 0)));
        int columns = Integer.parseInt(size.substring(space + 1));
        if (rows > 0 && columns > 0) {
          return new TerminalSize(rows, columns);
        }
      } catch (NumberFormatException e) {
        return USUAL;
      }
    }
    return USUAL;
  }

  /** Every key goes to the guest, whose own line discipline acts on it. */
  void makeRaw() {
    Runtime.getRuntime().addShutdownHook(new Thread(this::restore, "terminal"));
    stty("raw", "-echo");
  }

  void restore() {
    stty(saved);
  }

  private static @Nullable String stty(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add("stty");
    command.addAll(List.of(arguments));
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectInput(DEVICE)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return process.waitFor() == 0 ? answer.strip() : null;
    } catch (IOException e) {
      return null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    }
  }
}
