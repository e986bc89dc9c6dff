package dev.skerry.client.doctor;

/**
 * One thing that was looked at.
 *
 * @param remedy what to do when it is missing; may be empty
 */
public record Finding(State state, String name, String detail, String remedy) {
  /** {@code REDUCED}: sandboxes run without it, with less protection or fewer limits. */
  public enum State {
    PRESENT("ok"),
    REDUCED("reduced"),
    MISSING("MISSING");

    private final String word;

    State(String word) {
      this.word = word;
    }

    String word() {
      return word;
    }
  }

  static Finding present(String name, String detail) {
    return new Finding(State.PRESENT, name, detail, "");
  }

  static Finding reduced(String name, String detail, String remedy) {
    return new Finding(State.REDUCED, name, detail, remedy);
  }

  static Finding missing(String name, String detail, String remedy) {
    return new Finding(State.MISSING, name, detail, remedy);
  }

  /** As lines for a terminal. */
  public String text() {
    StringBuilder text = new StringBuilder("  ");
    text.append(state.word());
    text.repeat(' ', 9 - state.word().length()).append(name);
    if (!detail.isEmpty()) {
      text.append(": ").append(detail);
    }
    if (state != State.PRESENT && !remedy.isEmpty()) {
      text.append("\n           -> ").append(remedy);
    }
    return text.toString();
  }
}
