package dev.skerry.control;

/**
 * What the service asks of a sentry. Each but {@link Input}, {@link EndInput} and {@link Resize} is
 * answered by one {@link Reply.Done} or {@link Reply.Failed} (a {@link Query} by {@link
 * Reply.Report}, a {@link Count} by {@link Reply.Objects}, a {@link Create} by {@link
 * Reply.Created} or {@link Reply.Failed}), in the order of the requests.
 */
public sealed interface Request {
  /** Prepares the container: mounts, first process, streams. Once, before {@link Start}. */
  record Create(ContainerSpec spec) implements Request {}

  /** Lets the first process run. Once, after {@link Create}. */
  record Start() implements Request {}

  /**
   * Sends a signal.
   *
   * @param pid a guest's process id: 1 for the first process
   * @param all to every process of the sandbox instead
   */
  record Signal(int pid, int signal, boolean all) implements Request {}

  /**
   * Ends the run: every process is killed, and the exit record gets the verdict.
   *
   * @param verdict CANCELLED, WALL_TIMEOUT, OUTPUT_LIMIT or POLICY_DENIED
   */
  record End(Verdict verdict, String reason) implements Request {}

  /**
   * Bytes for standard input, at most {@link ControlCodec#MOST_INPUT}; only as much as the credit
   * allows.
   */
  record Input(byte[] data) implements Request {}

  /** Standard input ends here. */
  record EndInput() implements Request {}

  /** The terminal's size in characters. */
  record Resize(int rows, int columns) implements Request {}

  /** Asks for a {@link Reply.Report}. */
  record Query() implements Request {}

  /**
   * Asks for {@link Reply.Objects}.
   *
   * @param collect whether garbage is collected first, so that only what is in use counts
   */
  record Count(boolean collect) implements Request {}
}
