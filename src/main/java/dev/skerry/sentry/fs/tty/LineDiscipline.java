package dev.skerry.sentry.fs.tty;

import dev.skerry.abi.Signal;

/**
 * What happens between the keys that are typed and the bytes that a program reads: editing, echo,
 * signals, flow control. Guarded by its terminal. Linux: drivers/tty/n_tty.c.
 */
final class LineDiscipline {
  /** What the keys do beside making input. */
  interface Effects {
    /** A signal for the job in the foreground. */
    void signal(int signal);

    /** Output stops or goes on. */
    void flow(boolean stopped);

    /** Output that waits is thrown away. */
    void flushOutput();
  }

  private static final int TAB = 8;
  private static final int DELETE = 127;

  private final InputQueue input = new InputQueue();
  private final OutputProcessor output;
  private final Effects effects;
  private Termios settings = Termios.INITIAL;
  private boolean literal;
  private boolean stopped;

  /** The column where the line that is being edited began. */
  private int lineColumn;

  LineDiscipline(OutputProcessor output, Effects effects) {
    this.output = output;
    this.effects = effects;
  }

  InputQueue input() {
    return input;
  }

  Termios settings() {
    return settings;
  }

  boolean isStopped() {
    return stopped;
  }

  boolean isCanonical() {
    return settings.local(Termios.ICANON);
  }

  void setSettings(Termios changed) {
    boolean before = isCanonical();
    settings = changed;
    if (before != isCanonical()) {
      literal = false;
      if (before) {
        input.endLines();
      } else {
        input.beginLines();
      }
    }
    if (stopped && !settings.input(Termios.IXON)) {
      setStopped(false);
    }
  }

  void setStopped(boolean stop) {
    if (stopped != stop) {
      stopped = stop;
      effects.flow(stop);
    }
  }

  /** How many bytes are ready to be read. */
  int available() {
    return input.available(isCanonical());
  }

  /** Whether a byte that is typed now can be dealt with, if only by losing it. */
  boolean hasRoom() {
    return input.room() > 1 || (isCanonical() && !input.hasLine());
  }

  /** Deals with typed bytes: how many, less than {@code length} when the input is full. */
  int receive(byte[] source, int offset, int length) {
    int done = 0;
    while (done < length && hasRoom()) {
      receive(Byte.toUnsignedInt(source[offset + done]));
      done++;
    }
    return done;
  }

  private void receive(int typed) {
    int value = typed;
    if (settings.input(Termios.ISTRIP)) {
      value &= 0x7f;
    }
    if (settings.input(Termios.IUCLC) && settings.local(Termios.IEXTEN)) {
      value = Character.toLowerCase(value);
    }
    if (literal) {
      literal = false;
      ordinary(value);
      return;
    }
    if (flow(value) || signal(value)) {
      return;
    }
    if (stopped && settings.input(Termios.IXON) && settings.input(Termios.IXANY)) {
      setStopped(false);
    }
    if (value == '\r') {
      if (settings.input(Termios.IGNCR)) {
        return;
      }
      value = settings.input(Termios.ICRNL) ? '\n' : value;
    } else if (value == '\n' && settings.input(Termios.INLCR)) {
      value = '\r';
    }
    if (!isCanonical() || !edit(value)) {
      ordinary(value);
    }
  }

  private boolean flow(int value) {
    if (!settings.input(Termios.IXON)) {
      return false;
    }
    if (settings.is(value, Termios.VSTART)) {
      setStopped(false);
      return true;
    }
    if (settings.is(value, Termios.VSTOP)) {
      setStopped(true);
      return true;
    }
    return false;
  }

  private boolean signal(int value) {
    if (!settings.local(Termios.ISIG)) {
      return false;
    }
    int signal;
    if (settings.is(value, Termios.VINTR)) {
      signal = Signal.SIGINT;
    } else if (settings.is(value, Termios.VQUIT)) {
      signal = Signal.SIGQUIT;
    } else if (settings.is(value, Termios.VSUSP)) {
      signal = Signal.SIGTSTP;
    } else {
      return false;
    }
    if (!settings.local(Termios.NOFLSH)) {
      input.clear();
      effects.flushOutput();
    }
    if (settings.input(Termios.IXON)) {
      setStopped(false);
    }
    if (settings.local(Termios.ECHO)) {
      echo(value);
    }
    effects.signal(signal);
    return true;
  }

  /** Acts on the characters that edit or end a line; returns false for the others. */
  private boolean edit(int value) {
    boolean extended = settings.local(Termios.IEXTEN);
    if (settings.is(value, Termios.VERASE)) {
      eraseCharacter();
    } else if (settings.is(value, Termios.VKILL)) {
      kill();
    } else if (extended && settings.is(value, Termios.VWERASE)) {
      eraseWord();
    } else if (extended && settings.is(value, Termios.VLNEXT)) {
      literal = true;
      if (settings.local(Termios.ECHO) && settings.local(Termios.ECHOCTL)) {
        show('^');
        show('\b');
      }
    } else if (extended && settings.local(Termios.ECHO) && settings.is(value, Termios.VREPRINT)) {
      reprint(value);
    } else if (value == '\n') {
      if (settings.local(Termios.ECHO) || settings.local(Termios.ECHONL)) {
        show('\n');
      }
      input.addLineEnd(value);
    } else if (settings.is(value, Termios.VEOF)) {
      input.addFileEnd();
    } else if (settings.is(value, Termios.VEOL)
        || (extended && settings.is(value, Termios.VEOL2))) {
      if (settings.local(Termios.ECHO)) {
        echoInLine(value);
      }
      input.addLineEnd(value);
    } else {
      return false;
    }
    return true;
  }

  private void ordinary(int value) {
    if (isCanonical() && input.room() <= 1) {
      if (settings.input(Termios.IMAXBEL)) {
        show(7);
      }
      return;
    }
    if (settings.local(Termios.ECHO)) {
      echoInLine(value);
    }
    input.add(value);
  }

  private void echoInLine(int value) {
    if (input.unfinished() == 0) {
      lineColumn = output.column();
    }
    if (value == '\n') {
      show('\n');
    } else {
      echo(value);
    }
  }

  /** Echoes a byte, a control character as {@code ^X}. */
  private void echo(int value) {
    if (settings.local(Termios.ECHOCTL) && isControl(value) && value != '\t') {
      show('^');
      show(value ^ 0x40);
    } else {
      show(value);
    }
  }

  private static boolean isControl(int value) {
    return value < ' ' || value == DELETE;
  }

  private void show(int value) {
    output.put(value, settings);
  }

  private void reprint(int value) {
    echo(value);
    show('\n');
    for (int i = input.unfinished() - 1; i >= 0; i--) {
      echo(input.fromEnd(i));
    }
  }

  private void kill() {
    if (!settings.local(Termios.ECHO)) {
      removeAll();
      return;
    }
    boolean visibly =
        settings.local(Termios.ECHOK)
            && settings.local(Termios.ECHOKE)
            && settings.local(Termios.ECHOE);
    if (visibly) {
      while (eraseCharacter()) {
        // One after the other.
      }
      return;
    }
    removeAll();
    echo(settings.character(Termios.VKILL));
    if (settings.local(Termios.ECHOK)) {
      show('\n');
    }
  }

  private void removeAll() {
    while (input.unfinished() > 0) {
      input.removeLast();
    }
  }

  private void eraseWord() {
    boolean seenWord = false;
    while (input.unfinished() > 0) {
      int last = input.fromEnd(0);
      boolean inWord = Character.isLetterOrDigit(last) || last == '_' || last >= 0x80;
      if (seenWord && !inWord) {
        return;
      }
      seenWord |= inWord;
      if (!eraseCharacter()) {
        return;
      }
    }
  }

  private boolean isContinuation(int value) {
    return settings.input(Termios.IUTF8) && (value & 0xc0) == 0x80;
  }

  /** Returns false when there is none, or only the end of one. */
  private boolean eraseCharacter() {
    int length = 0;
    int last = 0;
    do {
      if (length == input.unfinished()) {
        return false;
      }
      last = input.fromEnd(length++);
    } while (isContinuation(last));
    for (int i = 0; i < length; i++) {
      input.removeLast();
    }
    if (settings.local(Termios.ECHO)) {
      showErased(last);
    }
    return true;
  }

  private void showErased(int last) {
    if (!settings.local(Termios.ECHOE)) {
      echo(settings.character(Termios.VERASE));
    } else if (last == '\t') {
      eraseTab();
    } else {
      if (isControl(last) && settings.local(Termios.ECHOCTL)) {
        eraseColumn();
      }
      if (!isControl(last) || settings.local(Termios.ECHOCTL)) {
        eraseColumn();
      }
    }
  }

  private void eraseColumn() {
    show('\b');
    show(' ');
    show('\b');
  }

  /** Goes back over a tab: how far depends on what is before it in the line. */
  private void eraseTab() {
    int column = lineColumn;
    for (int i = input.unfinished() - 1; i >= 0; i--) {
      int value = input.fromEnd(i);
      if (value == '\t') {
        column += TAB - column % TAB;
      } else if (isControl(value)) {
        column += settings.local(Termios.ECHOCTL) ? 2 : 0;
      } else if (!isContinuation(value)) {
        column++;
      }
    }
    for (int width = TAB - column % TAB; width > 0; width--) {
      show('\b');
    }
  }
}
