package dev.skerry.sentry.boot;

/** A container that cannot be made, because of what its spec asks for. */
final class ContainerException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String pointer;

  /**
   * @param pointer JSON pointer of the field of the spec; may be empty
   */
  ContainerException(String pointer, String message) {
    super(message);
    this.pointer = pointer;
  }

  String pointer() {
    return pointer;
  }
}
