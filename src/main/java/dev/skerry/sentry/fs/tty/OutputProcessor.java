package dev.skerry.sentry.fs.tty;

import dev.skerry.sentry.usermem.ByteQueue;

/** Turns what programs write, and echoes, into what the terminal shows. Guarded by its terminal. */
final class OutputProcessor {
  /** What one byte becomes at most: a tab is up to eight spaces. */
  static final int MOST_EXPANSION = 8;

  private static final int QUEUE = 65536;
  private static final int TAB = 8;

  private final ByteQueue queue = new ByteQueue(QUEUE);
  private int column;

  ByteQueue queue() {
    return queue;
  }

  /** The column of the cursor, for as much as can be known. */
  int column() {
    return column;
  }

  /** How many bytes can be written so that all that they become fits. */
  int room(Termios settings) {
    int each = !settings.output(Termios.OPOST) ? 1 : settings.expandsTabs() ? MOST_EXPANSION : 2;
    int room = queue.room();
    return room < MOST_EXPANSION ? 0 : (room - MOST_EXPANSION) / each + 1;
  }

  /** Writes one byte; one that does not fit is lost. */
  void put(int value, Termios settings) {
    if (queue.room() < MOST_EXPANSION) {
      return;
    }
    if (!settings.output(Termios.OPOST)) {
      queue.add((byte) value);
      return;
    }
    switch (value) {
      case '\n' -> newLine(settings);
      case '\r' -> carriageReturn(settings);
      case '\t' -> tab(settings);
      case '\b' -> {
        column = Math.max(0, column - 1);
        queue.add((byte) value);
      }
      default -> visible(value, settings);
    }
  }

  private void newLine(Termios settings) {
    if (settings.output(Termios.ONLCR)) {
      queue.add((byte) '\r');
    }
    if (settings.output(Termios.ONLCR | Termios.ONLRET)) {
      column = 0;
    }
    queue.add((byte) '\n');
  }

  private void carriageReturn(Termios settings) {
    if (settings.output(Termios.ONOCR) && column == 0) {
      return;
    }
    if (settings.output(Termios.OCRNL)) {
      if (settings.output(Termios.ONLRET)) {
        column = 0;
      }
      queue.add((byte) '\n');
      return;
    }
    column = 0;
    queue.add((byte) '\r');
  }

  private void tab(Termios settings) {
    int spaces = TAB - column % TAB;
    column += spaces;
    if (!settings.expandsTabs()) {
      queue.add((byte) '\t');
      return;
    }
    for (int i = 0; i < spaces; i++) {
      queue.add((byte) ' ');
    }
  }

  private void visible(int value, Termios settings) {
    int shown = value;
    if (settings.output(Termios.OLCUC) && value >= 'a' && value <= 'z') {
      shown = value - 'a' + 'A';
    }
    boolean continues = settings.input(Termios.IUTF8) && (value & 0xc0) == 0x80;
    if (value >= ' ' && value != 127 && !continues) {
      column++;
    }
    queue.add((byte) shown);
  }
}
