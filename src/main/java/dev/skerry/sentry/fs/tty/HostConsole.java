package dev.skerry.sentry.fs.tty;

import dev.skerry.sentry.kernel.Kernel;
import dev.skerry.sentry.usermem.ByteQueue;
import dev.skerry.sentry.usermem.OutputSink;

/**
 * The outside of the sandbox's own terminal: what the client types comes in, what the terminal
 * shows goes to a sink. Guarded by its terminal. Whoever calls one of the public methods drains the
 * kernel's run queue afterwards.
 */
public final class HostConsole implements Terminal.Outside {
  /** How many typed bytes may be on their way before the guest has consumed some. */
  public static final int CREDIT = 256 << 10;

  private static final int CHUNK = 65536;

  /** Told, from the run queue, how many typed bytes are dealt with. */
  @FunctionalInterface
  public interface Credit {
    void consumed(int bytes);
  }

  private final Kernel kernel;
  private final Terminal terminal;
  private final OutputSink sink;
  private final Credit credit;
  private final ByteQueue typed = new ByteQueue(CREDIT);
  private byte[] chunk = new byte[0];

  HostConsole(Kernel kernel, int number, OutputSink sink, Credit credit) {
    this.kernel = kernel;
    this.sink = sink;
    this.credit = credit;
    this.terminal = new Terminal(kernel, number, this);
  }

  /** The programs' side, /dev/pts/N. */
  public Terminal terminal() {
    return terminal;
  }

  /**
   * Brings typed bytes.
   *
   * @return false if they are more than the credit allows: none were taken
   */
  public boolean offer(byte[] source, int offset, int length) {
    synchronized (terminal) {
      if (length > typed.room()) {
        return false;
      }
      typed.add(source, offset, length);
      inputTaken();
      return true;
    }
  }

  /** The client's window has changed its size, in characters. */
  public void resize(int rows, int columns) {
    terminal.setSize(new Terminal.WindowSize(rows, columns, 0, 0));
  }

  /** The client has no more to type: programs that read lines see the end of the file. */
  public void endInput() {
    synchronized (terminal) {
      byte[] end = {(byte) terminal.settings().character(Termios.VEOF)};
      if (typed.room() > 0) {
        typed.add(end, 0, 1);
        inputTaken();
      }
    }
  }

  /** The terminal is gone: its session gets SIGHUP. */
  public void hangUp() {
    terminal.hangUp();
  }

  /** The sink takes bytes again. */
  public void ready() {
    synchronized (terminal) {
      outputChanged();
    }
  }

  @Override
  public void inputTaken() {
    while (typed.size() > 0 && terminal.takesInput()) {
      byte[] part = new byte[Math.min(typed.size(), CHUNK)];
      typed.peek(part, 0, part.length);
      int taken = terminal.type(part, 0, part.length);
      typed.skip(taken);
      kernel.runQueue().add(() -> credit.consumed(taken));
      if (taken < part.length) {
        break;
      }
    }
  }

  @Override
  public void dropTyped() {
    int dropped = typed.size();
    typed.clear();
    kernel.runQueue().add(() -> credit.consumed(dropped));
  }

  @Override
  public void outputChanged() {
    ByteQueue output = terminal.output();
    while (output.size() > 0 && sink.isReady()) {
      int length = Math.min(output.size(), CHUNK);
      if (chunk.length < length) {
        chunk = new byte[Math.max(length, Math.min(CHUNK, 2 * chunk.length))];
      }
      output.peek(chunk, 0, length);
      output.skip(length);
      sink.write(chunk, 0, length);
      terminal.outputTaken();
    }
  }

  @Override
  public void packetStatus(int bits) {}
}
