package dev.skerry.service.api;

import dev.skerry.oci.Problem;
import java.util.List;

/** A request that is answered with a problem document. */
final class ProblemException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final transient List<Problem> problems;

  ProblemException(int status, String detail, List<Problem> problems) {
    super(detail, null, false, false);
    this.status = status;
    this.problems = problems;
  }

  int status() {
    return status;
  }

  List<Problem> problems() {
    return problems;
  }
}
