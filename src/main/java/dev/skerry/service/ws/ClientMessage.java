package dev.skerry.service.ws;

/** What a client sends. */
sealed interface ClientMessage {
  /** Standard input. */
  record Input(byte[] data) implements ClientMessage {}

  /** Standard input ends. */
  record EndOfInput() implements ClientMessage {}

  /** The terminal's size in characters. */
  record Resize(int rows, int columns) implements ClientMessage {}
}
