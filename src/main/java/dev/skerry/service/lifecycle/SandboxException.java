package dev.skerry.service.lifecycle;

import dev.skerry.oci.Problem;
import java.util.List;

/** Something that was asked of a sandbox was not done. */
public final class SandboxException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Whose fault it is. */
  public enum Kind {
    /** The request's contents. */
    INVALID,
    /** It does not fit the sandbox's state. */
    CONFLICT,
    /** What it names is not there. */
    MISSING,
    /** The service has as much to do as it may. */
    BUSY,
    /** Ours. */
    INTERNAL
  }

  private final Kind kind;
  private final transient List<Problem> problems;

  public SandboxException(Kind kind, String message) {
    this(kind, message, List.of());
  }

  public SandboxException(Kind kind, String message, List<Problem> problems) {
    super(message);
    this.kind = kind;
    this.problems = problems;
  }

  public SandboxException(String message, Throwable cause) {
    super(message, cause);
    this.kind = Kind.INTERNAL;
    this.problems = List.of();
  }

  public Kind kind() {
    return kind;
  }

  public List<Problem> problems() {
    return problems;
  }
}
