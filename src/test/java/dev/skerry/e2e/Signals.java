package dev.skerry.e2e;

import dev.skerry.abi.Signal;

/** Numbers of signals by name. */
final class Signals {
  private Signals() {}

  static int number(String name) {
    try {
      return Signal.class.getField(name).getInt(null);
    } catch (ReflectiveOperationException e) {
      throw new IllegalArgumentException(name, e);
    }
  }
}
