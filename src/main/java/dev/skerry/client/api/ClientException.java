package dev.skerry.client.api;

/**
 * Something is wrong that is not the guest's doing; the message says what, and what would be right.
 */
public final class ClientException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ClientException(String message) {
    super(message);
  }

  public ClientException(String message, Throwable cause) {
    super(message, cause);
  }
}
