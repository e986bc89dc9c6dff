package dev.skerry.service.ws;

/** A client's message does not follow its subprotocol. */
final class ProtocolException extends Exception {
  private static final long serialVersionUID = 1L;

  ProtocolException(String message) {
    super(message, null, false, false);
  }
}
