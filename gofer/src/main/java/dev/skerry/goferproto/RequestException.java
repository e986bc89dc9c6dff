package dev.skerry.goferproto;

/**
 * A request that fails with an error number, for {@link Response.Failed}. Without a stack trace.
 */
public final class RequestException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int errno;

  /**
   * @param errno positive
   */
  public RequestException(int errno) {
    super(null, null, false, false);
    this.errno = errno;
  }

  /** The positive error number. */
  public int errno() {
    return errno;
  }
}
