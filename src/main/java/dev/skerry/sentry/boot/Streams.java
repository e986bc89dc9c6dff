package dev.skerry.sentry.boot;

import dev.skerry.control.ContainerSpec;
import dev.skerry.control.SpoolFrame;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.fs.stdio.InputFile;
import dev.skerry.sentry.fs.stdio.OutputFile;
import dev.skerry.sentry.fs.tty.HostConsole;
import dev.skerry.sentry.fs.tty.Terminals;
import dev.skerry.sentry.kernel.FdTable;
import dev.skerry.sentry.kernel.Kernel;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.OpenFlags;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** The first process's descriptors 0 to 2, and where they lead: three streams, or a terminal. */
final class Streams {
  /** What the outside may send before the guest has read any. */
  static final int CREDIT = Math.min(InputFile.CREDIT, HostConsole.CREDIT);

  private final @Nullable InputFile input;
  private final @Nullable HostConsole console;

  private Streams(@Nullable InputFile input, @Nullable HostConsole console) {
    this.input = input;
    this.console = console;
  }

  /** Three streams of the container's user. */
  static Streams pipes(
      Kernel kernel, ContainerSpec spec, Spool spool, IntConsumer consumed, FdTable files) {
    long now = kernel.clock().realtime();
    int uid = spec.uid();
    int gid = spec.gid();
    InputFile input = new InputFile(consumed, uid, gid, now);
    files.installAt(0, input, false);
    files.installAt(1, new OutputFile(spool.sink(SpoolFrame.STDOUT), uid, gid, now), false);
    files.installAt(2, new OutputFile(spool.sink(SpoolFrame.STDERR), uid, gid, now), false);
    return new Streams(input, null);
  }

  /** A terminal, which is made here, as number 0. */
  static HostConsole makeConsole(Terminals terminals, Spool spool, IntConsumer consumed)
      throws ErrnoException {
    return terminals.createConsole(spool.sink(SpoolFrame.STDOUT), consumed::accept);
  }

  /** The terminal as all three descriptors. */
  static Streams terminal(
      Terminals terminals, HostConsole console, ContainerSpec spec, FdTable files)
      throws ErrnoException {
    if (spec.rows() > 0 && spec.columns() > 0) {
      console.resize(spec.rows(), spec.columns());
    }
    int number = console.terminal().number();
    OpenFileDescription file =
        terminals.openSlave(number, OpenFlags.O_RDWR, true, terminals.nameless(console.terminal()));
    files.installAt(0, file, false);
    files.installAt(1, file.acquire(), false);
    files.installAt(2, file.acquire(), false);
    return new Streams(null, console);
  }

  @Nullable HostConsole console() {
    return console;
  }

  /** Returns false if the bytes are more than the credit allows. */
  boolean offer(byte[] data) {
    if (input != null) {
      return input.offer(data, 0, data.length);
    }
    return console == null || console.offer(data, 0, data.length);
  }

  void end() {
    if (input != null) {
      input.end();
    } else if (console != null) {
      console.endInput();
    }
  }

  void resize(int rows, int columns) {
    if (console != null) {
      console.resize(rows, columns);
    }
  }
}
