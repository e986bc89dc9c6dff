package dev.skerry.wire;

/** A message that does not follow its format; the connection that carried it cannot go on. */
public final class WireException extends Exception {
  private static final long serialVersionUID = 1L;

  public WireException(String message) {
    super(message);
  }
}
