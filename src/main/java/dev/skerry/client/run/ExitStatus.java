package dev.skerry.client.run;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skerry.abi.Signal;
import dev.skerry.abi.SignalNames;
import org.jspecify.annotations.Nullable;

/**
 * What {@code skerry run} ends with for a sandbox that has ended, and what it says about it.
 *
 * @param message for standard error; null when the program simply ended
 */
public record ExitStatus(int status, @Nullable String message) {
  /** Of timeout(1). */
  static final int TIMED_OUT = 124;

  /** As other container tools: the error is not the guest's. */
  public static final int OWN_ERROR = 125;

  /** A shell's convention for death by a signal. */
  static final int SIGNAL_BASE = 128;

  private static final int KILLED = SIGNAL_BASE + Signal.SIGKILL;

  /** From the resource of a stopped sandbox. */
  public static ExitStatus of(JsonNode resource) {
    JsonNode exit = resource.path("exit");
    String verdict = exit.path("verdict").asText("");
    String reason = exit.path("reason").asText("");
    return switch (verdict) {
      case "exited" -> new ExitStatus(exit.path("exitCode").asInt(OWN_ERROR), null);
      case "signaled" -> signaled(exit.path("signal").asText(""));
      case "wall_timeout" -> new ExitStatus(TIMED_OUT, told("the time is up", reason));
      case "cpu_timeout" -> new ExitStatus(TIMED_OUT, told("the CPU time is used up", reason));
      case "oom" -> new ExitStatus(KILLED, told("killed: out of memory", reason));
      case "output_limit" -> new ExitStatus(KILLED, told("killed: too much output", reason));
      case "disk_quota" ->
          new ExitStatus(KILLED, told("killed: the disk quota is used up", reason));
      case "policy_denied" ->
          new ExitStatus(KILLED, told("killed: it broke the sandbox's rules", reason));
      case "cancelled" -> new ExitStatus(KILLED, told("killed: the run was cancelled", reason));
      default -> new ExitStatus(OWN_ERROR, told("the sandbox failed", reason));
    };
  }

  private static ExitStatus signaled(String name) {
    int signal = SignalNames.number(name);
    return signal < 0
        ? new ExitStatus(OWN_ERROR, "the service names an unknown signal, " + name)
        : new ExitStatus(SIGNAL_BASE + signal, null);
  }

  private static String told(String what, String reason) {
    return reason.isEmpty() ? what : what + ": " + reason;
  }
}
